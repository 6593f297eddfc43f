//! What is refused before anything is touched.

use std::time::Duration;

use catalyst_cli::{
    Error,
    backup::{BackupError, End, Identity, Manifest},
};
use sqlx::{Connection, PgConnection};

use crate::world::{
    archive, ask, changed, fault, refusal, relations, restore, runtime, signer, store, turn, world,
};

/// The refusal of the world's archive with a manifest that is not its own.
fn refusal_of(change: impl FnOnce(&mut Manifest)) -> BackupError {
    let world = world();
    let _turn = turn();
    let mut manifest = world.manifest.clone();
    change(&mut manifest);
    runtime().block_on(refusal(world, &manifest, &archive(world), &world.identity))
}

#[test]
fn a_truncated_archive_leaves_the_target_untouched() {
    let world = world();
    let _turn = turn();
    let size = usize::try_from(
        std::fs::metadata(archive(world))
            .expect("the archive")
            .len(),
    )
    .expect("small");
    runtime().block_on(async {
        for left in [0, 1, 150, size / 2, size - 1] {
            let file = changed(world, |bytes| bytes.truncate(left));
            let refused = refusal(world, &world.manifest, file.path(), &world.identity).await;
            assert!(
                matches!(refused, BackupError::Damaged { .. }),
                "{left} of {size}: {refused:?}"
            );
        }
        // The last byte of the rows of the last table: nearly everything is loaded by then.
        let file = changed(world, |bytes| bytes[size - 40] ^= 1);
        let refused = refusal(world, &world.manifest, file.path(), &world.identity).await;
        assert!(
            matches!(refused, BackupError::Damaged { .. }),
            "{refused:?}"
        );
    });
}

#[test]
fn the_manifest_of_another_backup_is_refused() {
    let refused = refusal_of(|manifest| manifest.contents.id = uuid::Uuid::new_v4());
    assert!(
        matches!(refused, BackupError::Foreign { .. }),
        "{refused:?}"
    );
}

#[test]
fn a_schema_that_is_newer_than_the_checkout_is_refused() {
    let refused = refusal_of(|manifest| {
        let contents = &mut manifest.contents;
        let mut last = contents.migrations.last().cloned().expect("some");
        last.version = "20991231235959".to_owned();
        contents.schema_version = last.version.clone();
        contents.migrations.push(last);
    });
    assert!(matches!(refused, BackupError::TooNew { .. }), "{refused:?}");
    assert!(refused.to_string().contains("20991231235959"), "{refused}");
}

#[test]
fn other_migrations_than_those_of_the_checkout_are_refused() {
    let refused = refusal_of(|manifest| {
        manifest.contents.migrations[0].sha256 = Some("0".repeat(64));
    });
    assert!(
        matches!(refused, BackupError::OtherMigrations { .. }),
        "{refused:?}"
    );
}

#[test]
fn a_manifest_with_other_rows_than_its_archive_is_refused() {
    let refused = refusal_of(|manifest| {
        let mut tables = manifest.contents.tables.iter_mut();
        tables.find(|table| table.rows > 0).expect("one").rows -= 1;
    });
    assert!(
        matches!(refused, BackupError::Damaged { .. }),
        "{refused:?}"
    );
}

#[test]
fn an_identity_that_the_backup_was_not_encrypted_for_is_refused() {
    let world = world();
    let _turn = turn();
    let stranger = Identity::generate().expect("a key");
    let archive = archive(world);
    let refused = refusal(world, &world.manifest, &archive, &stranger);
    assert_eq!(runtime().block_on(refused), BackupError::NotForUs);
}

#[test]
fn a_file_of_another_tool_is_no_backup() {
    let world = world();
    runtime().block_on(async {
        // A store with a file that is none of ours.
        let folder = tempfile::tempdir().expect("a folder");
        let name = world.manifest.name();
        let (file, text) = (format!("{name}.json"), r#"{"version": 3, "backups": []}"#);
        std::fs::write(folder.path().join(&file), text).expect("a file");
        let signature = signer().sign(&file, text.as_bytes());
        std::fs::write(folder.path().join(format!("{file}.minisig")), signature).expect("a file");
        std::fs::write(folder.path().join(format!("{name}.age")), b"?").expect("a file");
        let found = store(folder.path()).find("latest").await;
        assert!(matches!(
            fault(found.map(drop)),
            BackupError::Foreign { .. }
        ));
        let found = store(folder.path()).find("20200101T000000Z-00000000").await;
        assert!(matches!(
            fault(found.map(drop)),
            BackupError::Missing { .. }
        ));
    });
}

#[test]
fn a_target_with_anything_in_it_is_refused() {
    let world = world();
    runtime().block_on(async {
        let before = ask(&world.source, "select count(*)::text from public.videos").await;
        let identities = [world.identity.clone()];
        let refused = restore(
            world,
            &world.manifest,
            &archive(world),
            &identities,
            &world.source,
            End::Commit,
        )
        .await;
        assert!(matches!(
            fault(refused.map(drop)),
            BackupError::NotEmpty { .. }
        ));
        assert_eq!(
            ask(&world.source, "select count(*)::text from public.videos").await,
            before
        );
    });
}

#[test]
fn a_restore_that_is_cut_half_way_leaves_nothing() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        // Somebody holds a table that the restore needs, so that it stands still in the middle.
        let mut holder = PgConnection::connect_with(&world.target)
            .await
            .expect("a connection");
        sqlx::raw_sql("begin; lock table auth.one_time_tokens in share mode")
            .execute(&mut holder)
            .await
            .expect("a lock");
        let identities = [world.identity.clone()];
        let archive = archive(world);
        let restoring = restore(
            world,
            &world.manifest,
            &archive,
            &identities,
            &world.target,
            End::Commit,
        );
        let cutting = async {
            for _ in 0..300 {
                let cut = ask(
                    &world.target,
                    "select count(pg_terminate_backend(pid))::text from pg_stat_activity
                     where wait_event_type = 'Lock' and query ~ 'delete from'",
                )
                .await;
                if cut != "0" {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("the restore never stood still");
        };
        let (restored, ()) = tokio::join!(restoring, cutting);
        assert!(
            matches!(restored, Err(Error::Database { .. })),
            "{restored:?}"
        );
        sqlx::raw_sql("rollback")
            .execute(&mut holder)
            .await
            .expect("an end");
        assert_eq!(relations(&world.target).await, "0");
    });
}
