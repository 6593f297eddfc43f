//! A bucket as the store of backups.

use catalyst_cli::backup::{self, BackupError, Store};
use fakes::s3::S3;
use http::StatusCode;

use crate::world::{archive, fault, runtime, signer, trust, turn, verifier, world};

async fn start() -> S3 {
    S3::start("backups", "test-key", "test-secret", "eu-central-1")
        .await
        .expect("a port")
}

/// The store, opened with a secret.
fn open(s3: &S3, secret: &'static str) -> Store {
    Store::open_with("s3://backups/nightly", |name| match name {
        "AWS_ACCESS_KEY_ID" => Some("test-key".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(secret.to_owned()),
        "AWS_REGION" => Some("eu-central-1".to_owned()),
        "AWS_ENDPOINT_URL_S3" => Some(s3.url().to_owned()),
        _ => None,
    })
    .expect("a bucket")
    .trusting(trust())
}

#[test]
fn a_bucket_keeps_backups_as_a_folder_does() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let s3 = start().await;
        let bucket = open(&s3, "test-secret");
        bucket
            .put(&world.manifest, &archive(world), signer())
            .await
            .expect("it is kept");
        let name = world.manifest.name();
        assert_eq!(
            s3.keys(),
            [
                format!("nightly/{name}.age"),
                format!("nightly/{name}.json"),
                format!("nightly/{name}.json.minisig")
            ]
        );
        // More files than a page of a list holds, and some that are none of ours.
        for other in 0..7 {
            s3.put(&format!("nightly/notes-{other}"), Vec::new());
        }
        s3.put("weekly/else.json", Vec::new());
        let (found, _) = bucket.find("latest").await.expect("one");
        assert_eq!(found, name);
        let identities = [world.identity.clone()];
        backup::verify(
            &world.project,
            &bucket,
            "latest",
            &identities,
            verifier(),
            Some(&world.target),
            None,
        )
        .await
        .expect("it is good");
        assert!(bucket.list().await.expect("a list")[0].is_verified());
        bucket.remove(&name).await.expect("it is removed");
        assert!(bucket.list().await.expect("a list").is_empty());
    });
}

#[test]
fn a_store_that_is_busy_is_asked_again() {
    let world = world();
    runtime().block_on(async {
        let s3 = start().await;
        let bucket = open(&s3, "test-secret");
        s3.fail(2, StatusCode::SERVICE_UNAVAILABLE);
        let kept = bucket.put(&world.manifest, &archive(world), signer()).await;
        kept.expect("it is kept");
        assert_eq!(s3.keys().len(), 3);
    });
}

#[test]
fn a_large_archive_is_sent_in_parts() {
    let world = world();
    runtime().block_on(async {
        let s3 = start().await;
        let bucket = open(&s3, "test-secret");
        let mut large = vec![0; 20_000_001];
        fastrand::Rng::with_seed(3).fill(&mut large);
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), &large).expect("a file");
        let before = s3.calls();
        bucket
            .put(&world.manifest, file.path(), signer())
            .await
            .expect("it is kept");
        // One call begins it, three send a part each, one ends it; the manifest and its signature are two others.
        assert_eq!(s3.calls() - before, 7);
        let kept = s3.get(&format!("nightly/{}.age", world.manifest.name()));
        assert!(kept.expect("the archive") == large, "it was changed");
    });
}

#[test]
fn a_wrong_key_is_told_at_once() {
    let world = world();
    runtime().block_on(async {
        let s3 = start().await;
        let bucket = open(&s3, "another");
        let archive = archive(world);
        for refused in [
            bucket.list().await.map(drop),
            bucket.put(&world.manifest, &archive, signer()).await,
        ] {
            let BackupError::Store(why) = fault(refused) else {
                panic!("the store did not refuse");
            };
            assert!(why.ends_with(": SignatureDoesNotMatch"), "{why}");
        }
        assert_eq!((s3.refused(), s3.calls()), (2, 2));
    });
}

#[test]
fn an_object_that_was_changed_where_it_lies_is_damaged() {
    let world = world();
    runtime().block_on(async {
        let s3 = start().await;
        let bucket = open(&s3, "test-secret");
        let kept = bucket.put(&world.manifest, &archive(world), signer()).await;
        kept.expect("it is kept");
        let name = world.manifest.name();
        let key = format!("nightly/{name}.age");
        let mut bytes = s3.get(&key).expect("the archive");
        bytes[999] ^= 4;
        s3.put(&key, bytes);
        let fetched = bucket.fetch(&name, &world.manifest).await;
        assert!(matches!(
            fault(fetched.map(drop)),
            BackupError::Damaged { .. }
        ));
    });
}

#[test]
fn a_missing_setting_and_an_open_address_are_named() {
    let refused = Store::open_with("s3://backups", |_| None).expect_err("no setting");
    assert!(
        refused.to_string().contains("AWS_REGION is not set"),
        "{refused}"
    );
    let refused = Store::open_with("s3://backups", |name| {
        Some(match name {
            "AWS_ENDPOINT_URL_S3" => "http://s3.example.org".to_owned(),
            _ => "x".to_owned(),
        })
    });
    let refused = refused.expect_err("an address in the clear");
    assert!(refused.to_string().contains("only https"), "{refused}");
}
