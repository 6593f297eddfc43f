//! The object store. The tests of backups drive it with a client that signs.

use fakes::s3::S3;
use http::StatusCode;

use crate::support::{Answer, send};

async fn start() -> S3 {
    S3::start("backups", "key", "secret", "eu-central-1")
        .await
        .expect("a port")
}

/// An object as somebody without keys may see it.
async fn get(s3: &S3, key: &str) -> Answer {
    let client = fakes::http_client().expect("a client");
    send(client.get(format!("{}/backups/{key}", s3.url()))).await
}

#[tokio::test]
async fn without_a_signature_nothing_is_given() {
    let s3 = start().await;
    s3.put("nightly/one", b"content".to_vec());
    let answer = get(&s3, "nightly/one").await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.text.contains("<Code>AccessDenied</Code>"),
        "{}",
        answer.text
    );
    assert_eq!((s3.calls(), s3.refused()), (1, 1));
}

#[tokio::test]
async fn calls_can_be_made_to_fail() {
    let s3 = start().await;
    s3.fail(2, StatusCode::SERVICE_UNAVAILABLE);
    for status in [503, 503, 403] {
        assert_eq!(get(&s3, "any").await.status, status);
    }
    assert_eq!((s3.calls(), s3.refused()), (3, 1));
}

#[tokio::test]
async fn what_lies_in_the_store_can_be_seen_and_changed_from_behind() {
    let s3 = start().await;
    s3.put("b/two", b"2".to_vec());
    s3.put("a", b"1".to_vec());
    assert_eq!(s3.keys(), ["a", "b/two"]);
    assert_eq!(s3.get("b/two").as_deref(), Some(&b"2"[..]));
    s3.put("b/two", b"3".to_vec());
    assert_eq!(s3.get("b/two").as_deref(), Some(&b"3"[..]));
    assert_eq!(s3.get("c"), None);
}
