//! What shows that a backup is good, or not.

use catalyst_cli::{
    Error,
    backup::{self, BackupError, Manifest},
};

use crate::world::{
    CANARY, archive, ask, changed, relations, runtime, store, turn, verifier, world,
};

#[test]
fn a_backup_is_verified_by_a_restore_that_leaves_nothing() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let contents = &world.manifest.contents;
        assert!(contents.rows > 2_000, "{}", contents.rows);
        assert!(
            contents
                .tables
                .iter()
                .any(|table| table.full_name() == "auth.users" && table.rows == 3)
        );
        assert!(contents.jobs.contains_key("watch"));

        let store = store(&world.folder);
        let identities = [world.identity.clone()];
        let (name, restored) = backup::verify(
            &world.project,
            &store,
            "latest",
            &identities,
            verifier(),
            Some(&world.target),
            Some(&world.source),
        )
        .await
        .expect("it is good");
        assert_eq!(name, world.manifest.name());
        assert_eq!(restored.rows, contents.rows);
        assert_eq!(relations(&world.target).await, "0");
        assert!(store.list().await.expect("a list")[0].is_verified());
        assert_eq!(store.find("verified").await.expect("one").0, name);
        let known =
            "select (private.last_verified_backup() > private.now() - interval '1 hour')::text";
        assert_eq!(ask(&world.source, known).await, "true");
    });
}

#[test]
fn nothing_in_an_archive_can_be_read_without_the_identity() {
    let world = world();
    let bytes = std::fs::read(archive(world)).expect("the archive");
    for word in [CANARY, "scheduled_uploads", "copy"] {
        let found = bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        assert!(!found, "{word}");
    }
    let manifest =
        std::fs::read_to_string(world.folder.join(format!("{}.json", world.manifest.name())))
            .expect("the manifest");
    assert!(!manifest.contains(CANARY));
}

#[test]
fn a_changed_byte_is_noticed_by_the_hash_and_by_the_seal() {
    let world = world();
    let size = std::fs::metadata(archive(world))
        .expect("the archive")
        .len();
    let name = world.manifest.name();
    let written = world.manifest.write();
    let places: usize = std::env::var("CORRUPTIONS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(25);
    let identities = [world.identity.clone()];
    let mut random = fastrand::Rng::with_seed(11);
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    std::fs::write(folder.path().join(format!("{name}.json")), &written).expect("a copy");
    let (mut by_hash, mut by_seal, mut by_manifest) = (0, 0, 0);
    runtime().block_on(async {
        for _ in 0..places {
            let place = random.u64(..size + written.len() as u64);
            let bit = 1 << random.u8(..8);
            if place >= size {
                let mut bytes = written.clone();
                bytes[usize::try_from(place - size).expect("small")] ^= bit;
                by_manifest += usize::from(Manifest::read(&name, &bytes).is_err());
                continue;
            }
            let file = changed(world, |bytes| {
                bytes[usize::try_from(place).expect("small")] ^= bit
            });
            // The hash alone.
            std::fs::copy(file.path(), folder.path().join(format!("{name}.age"))).expect("a copy");
            let fetched = store.fetch(&name, &world.manifest).await;
            let noticed = matches!(fetched, Err(Error::Backup(BackupError::Damaged { .. })));
            by_hash += usize::from(noticed);
            // The seal alone: whoever changes an archive may change its manifest, too.
            let noticed = backup::examine(file.path(), &world.manifest, &identities).is_err();
            by_seal += usize::from(noticed);
        }
    });
    println!(
        "{places} places: {by_manifest} in the manifest, {by_hash} noticed by the hash, {by_seal} by the seal"
    );
    assert_eq!(
        (by_hash, by_seal),
        (places - by_manifest, places - by_manifest)
    );
    backup::examine(&archive(world), &world.manifest, &identities).expect("unchanged, it is good");
}
