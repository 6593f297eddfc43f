//! Whoever may write to the store cannot have anything of theirs restored.

use std::path::Path;
use std::process::Command;

use catalyst_cli::backup::{self, BackupError, Manifest, SigningKey, Store, Trust};
use tempfile::TempDir;

use crate::world::{
    World, archive, fault, recipient, relations, runtime, signer, store, trust, turn, verifier,
    world,
};

/// A store with a copy of the world's backup, verified.
async fn copy(world: &World) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    store
        .put(&world.manifest, &archive(world), signer())
        .await
        .expect("it is kept");
    note_verified(world, &store, verifier()).await;
    (folder, store)
}

async fn note_verified(world: &World, store: &Store, key: &SigningKey) {
    let verified = backup::Verified {
        verified_at: jiff::Timestamp::now(),
        archive_sha256: world.manifest.archive.sha256.clone(),
        rows: world.manifest.contents.rows,
        seconds: 1.0,
    };
    let name = world.manifest.name();
    let noted = store.put_verified(&name, &verified, key).await;
    noted.expect("it is noted");
}

async fn refusal(store: &Store, wanted: &str) -> String {
    let refused = fault(store.find(wanted).await.map(drop));
    assert!(matches!(refused, BackupError::Untrusted(..)), "{refused:?}");
    let said = refused.to_string();
    assert!(
        said.contains("nothing was restored") && said.contains("catalyst backup list"),
        "{said}"
    );
    said
}

#[test]
fn a_newer_archive_with_a_manifest_of_its_own_is_refused_and_not_passed_over() {
    let world = world();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        let genuine = store.find("verified").await.expect("one").0;
        // Everything that a writer of the bucket can have: the recipient, the format, a key of their own.
        let stranger = SigningKey::generate().expect("a key");
        let recipients = [recipient(world)];
        let forged = backup::create(&world.source, &store, &recipients, &stranger);
        let forged = forged.await.expect("it is stored").name();
        assert!(forged > genuine, "{forged} {genuine}");
        for wanted in ["latest", "verified", &forged] {
            let said = refusal(&store, wanted).await;
            assert!(
                said.contains(&forged) && said.contains("not one of those that are trusted"),
                "{said}"
            );
        }
        // It displaces nothing, and the older one is restored by its name.
        let items = backup::items(&store.list().await.expect("a list"));
        assert_eq!(items.len(), 1);
        assert_eq!(store.find(&genuine).await.expect("one").0, genuine);
        drop(folder);
    });
}

#[test]
fn a_manifest_that_was_altered_is_refused() {
    let world = world();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        let mut other = world.manifest.clone();
        other.contents.tables[0].rows += 1;
        let file = folder.path().join(format!("{}.json", other.name()));
        // With a hash of its own that fits.
        std::fs::write(&file, other.write()).expect("a file");
        assert!(Manifest::read("x", &other.write()).is_ok());
        let said = refusal(&store, "verified").await;
        assert!(said.contains("changed after it was signed"), "{said}");
    });
}

#[test]
fn a_manifest_without_signature_or_with_that_of_another_is_refused() {
    let world = world();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        let name = world.manifest.name();
        let signature = folder.path().join(format!("{name}.json.minisig"));
        let moved = signer().sign("another.json", &world.manifest.write());
        std::fs::write(&signature, moved).expect("a file");
        let said = refusal(&store, "latest").await;
        assert!(said.contains("that of another file"), "{said}");
        std::fs::remove_file(&signature).expect("it was there");
        let said = refusal(&store, "latest").await;
        assert!(said.contains("no signature"), "{said}");
    });
}

#[test]
fn a_verification_counts_only_with_the_key_of_who_verifies() {
    let world = world();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        // Who makes backups does not say that they are good, and the other way round.
        note_verified(world, &store, signer()).await;
        assert!(!store.list().await.expect("a list")[0].is_verified());
        let missing = fault(store.find("verified").await.map(drop));
        assert!(matches!(missing, BackupError::Missing(_)), "{missing:?}");
        let trust = Trust {
            signers: vec![verifier().public()],
            ..trust()
        };
        let other = crate::world::store(folder.path()).trusting(trust);
        refusal(&other, "latest").await;
        // And nobody is believed who was not named.
        let nobody = crate::world::store(folder.path()).trusting(Trust::default());
        refusal(&nobody, "latest").await;
    });
}

#[test]
fn a_list_of_erasures_that_is_not_ours_stops_a_restore() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        let list = format!("[\"{}\"]", "0".repeat(64));
        let file = folder
            .path()
            .join("20261122T030000Z-00000000.erasures.json");
        std::fs::write(file, list).expect("a file");
        let plan = backup::Plan {
            manifest: &world.manifest,
            archive: &archive(world),
            identities: std::slice::from_ref(&world.identity),
            migrations: &world.project.migrations(),
            store: &store,
        };
        let refused = backup::restore(&world.target, &plan, backup::End::Commit).await;
        let refused = fault(refused.map(drop));
        assert!(
            matches!(&refused, BackupError::Untrusted(file, _) if file.ends_with("erasures.json")),
            "{refused:?}"
        );
        assert_eq!(
            relations(&world.target).await,
            "0",
            "the target was touched"
        );
    });
}

#[test]
fn the_command_restores_nothing_of_a_stranger_and_says_what_to_do() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let (folder, store) = copy(world).await;
        let stranger = SigningKey::generate().expect("a key");
        let recipients = [recipient(world)];
        let forged = backup::create(&world.source, &store, &recipients, &stranger);
        forged.await.expect("it is stored");
        let output = command(world, folder.path(), &["restore", "--into"])
            .arg(target_url(world))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("is not trusted") && said.contains("find out who did"),
            "{said}"
        );
        assert_eq!(
            relations(&world.target).await,
            "0",
            "the target was touched"
        );
        // Without a key to believe nothing is tried at all.
        let output = command(world, folder.path(), &["list"])
            .env_remove("BACKUP_SIGNERS")
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains("--signer"),
            "{said}"
        );
    });
}

fn command(world: &World, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalyst"));
    command
        .arg("backup")
        .args(arguments)
        .current_dir(world.project.root())
        .env("BACKUP_STORE", folder)
        .env("BACKUP_SIGNERS", signer().public().to_string())
        .env("BACKUP_VERIFIERS", verifier().public().to_string())
        .env("BACKUP_IDENTITY", world.identity.expose());
    command
}

fn target_url(world: &World) -> String {
    let (host, port) = (world.target.get_host(), world.target.get_port());
    format!("postgresql://postgres:postgres@{host}:{port}/postgres?sslmode=disable")
}
