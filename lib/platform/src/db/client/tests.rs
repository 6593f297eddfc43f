use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A Data API that answers `refusals` requests with `status` and `code`, then with an empty list; and how many it saw.
async fn refusing(refusals: u32, status: u16, code: &'static str) -> (Db, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let answer = if counter.fetch_add(1, Ordering::SeqCst) >= refusals {
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]".to_owned()
            } else if code.is_empty() {
                continue;
            } else {
                let body = json!({"code": code, "message": "refused"}).to_string();
                format!(
                    "HTTP/1.1 {status} Refused\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                )
            };
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    let db = Db {
        postgrest: Postgrest::new(http_client(), url.parse().unwrap()),
    };
    (db, seen)
}

#[tokio::test]
async fn a_change_that_lost_a_deadlock_is_made_again() {
    let (db, seen) = refusing(2, 500, "40P01").await;
    let answer: Result<Value, _> = db.call("change", &json!({"p_id": 1})).await;
    assert_eq!(answer.unwrap(), json!([]));
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn one_that_never_wins_ends_as_unavailable() {
    let (db, seen) = refusing(u32::MAX, 500, "40001").await;
    let answer: Result<Value, _> = db.call("change", &json!({})).await;
    assert!(matches!(answer, Err(DbError::Unavailable(_))));
    assert_eq!(seen.load(Ordering::SeqCst), TRIES);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_not_made_again_but_a_read_is() {
    let (db, seen) = refusing(1, 0, "").await;
    let answer: Result<Value, _> = db.call("change", &json!({})).await;
    assert!(matches!(answer, Err(DbError::Unavailable(_))));
    assert_eq!(seen.load(Ordering::SeqCst), 1);

    let (db, seen) = refusing(1, 0, "").await;
    let rows: Vec<Value> = db.from("videos").rows().await.unwrap();
    assert!(rows.is_empty());
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}
