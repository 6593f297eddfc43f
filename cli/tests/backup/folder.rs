//! A folder as the store of backups.

use catalyst_cli::backup::BackupError;

use crate::world::{archive, fault, runtime, signer, store, world};

#[test]
fn a_folder_that_is_not_there_holds_no_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("not there");
    runtime().block_on(async {
        let store = store(&place);
        assert!(store.list().await.expect("a list").is_empty());
        let found = store.find("latest").await;
        assert!(matches!(
            fault(found.map(drop)),
            BackupError::Missing { .. }
        ));
    });
    assert!(!place.exists());
}

#[test]
fn a_folder_is_made_and_holds_whole_files_only() {
    let world = world();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("nightly backups #1 (é)");
    let name = world.manifest.name();
    runtime().block_on(async {
        let store = store(&place);
        store
            .put(&world.manifest, &archive(world), signer())
            .await
            .expect("it is kept");
        let mut files: Vec<_> = std::fs::read_dir(&place)
            .expect("the folder")
            .map(|entry| {
                entry
                    .expect("a file")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
        files.sort();
        let beside = ["age", "json", "json.minisig"].map(|ending| format!("{name}.{ending}"));
        assert_eq!(files, beside);
        store
            .fetch(&name, &world.manifest)
            .await
            .expect("it is as it was");
        store.remove(&name).await.expect("it is removed");
        assert!(store.list().await.expect("a list").is_empty());
    });
}
