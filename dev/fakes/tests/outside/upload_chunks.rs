//! The bytes of an upload: chunks, interruptions, status queries.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use fakes::Service::Youtube;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Answer, Servers, bytes, creator, private, send, try_send};

/// What a chunk is a multiple of.
const K: usize = 262_144;

/// A file and the session to which it goes.
struct Upload {
    servers: Servers,
    token: String,
    uri: String,
    data: Vec<u8>,
}

impl Upload {
    async fn of(size: usize) -> Self {
        let (servers, token) = creator().await;
        let uri = servers.session(&token, size as u64).await;
        Self {
            servers,
            token,
            uri,
            data: bytes(size),
        }
    }

    /// The request that sends the bytes from one place to another.
    fn chunk(&self, first: usize, end: usize) -> reqwest::RequestBuilder {
        let bytes = &self.data[first..end];
        self.servers
            .put(&self.token, &self.uri, bytes, first, self.data.len())
    }

    async fn send(&self, first: usize, end: usize) -> Answer {
        send(self.chunk(first, end)).await
    }

    async fn send_all(&self) -> Answer {
        self.send(0, self.data.len()).await
    }

    async fn ask(&self) -> Answer {
        self.servers
            .ask(&self.token, &self.uri, self.data.len())
            .await
    }

    async fn stored(&self) -> Option<String> {
        self.ask().await.header("range").map(str::to_owned)
    }

    async fn violations(&self) -> Value {
        self.servers.state(Youtube).await["violations"].take()
    }

    /// Checks that exactly this file became exactly one video.
    async fn assert_created_once(&self) {
        let created = self.servers.created().await;
        assert_eq!(created.len(), 1);
        let hash = digest(&SHA256, &self.data);
        let hex: String = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(created[0]["bytes"], self.data.len());
        assert_eq!(created[0]["sha256"], hex);
    }

    /// Opens a connection and sends the head of a request to the session.
    async fn raw(&self, headers: &str) -> TcpStream {
        let address = self.servers.urls.youtube.trim_start_matches("http://");
        let path = self
            .uri
            .strip_prefix(&self.servers.urls.youtube)
            .expect("a path");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let token = &self.token;
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{headers}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream
    }
}

#[tokio::test]
async fn chunks_are_acknowledged_with_308_and_a_range_and_the_last_with_201() {
    let upload = Upload::of(2 * K + 100).await;
    let nothing = upload.ask().await;
    assert_eq!((nothing.status, nothing.header("range")), (308, None));
    let first = upload.send(0, K).await;
    assert_eq!(
        (first.status, first.header("range")),
        (308, Some("bytes=0-262143"))
    );
    assert_eq!(
        (first.header("location"), first.header("content-length")),
        (None, Some("0"))
    );
    let second = upload.send(K, 2 * K).await;
    assert_eq!(second.header("range"), Some("bytes=0-524287"));
    let last = upload.send(2 * K, 2 * K + 100).await;
    assert_eq!(last.status, 201);
    assert_eq!(last.json()["status"]["uploadStatus"], "uploaded");
    assert_eq!(last.json()["kind"], "youtube#video");
    for _ in 0..3 {
        let again = upload.ask().await;
        assert_eq!((again.status, &again.text), (201, &last.text));
    }
    upload.assert_created_once().await;
    assert_eq!(upload.violations().await, json!([]));
}

#[tokio::test]
async fn a_whole_file_may_be_sent_in_one_request_and_the_final_status_can_be_200() {
    let Upload {
        servers,
        token,
        uri,
        data,
    } = Upload::of(1_000).await;
    servers.creator_knobs(json!({"final_status": 200})).await;
    let answer = send(servers.http.put(&uri).bearer_auth(&token).body(data)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["id"].is_string());
}

#[tokio::test]
async fn of_an_interrupted_chunk_whole_blocks_are_kept() {
    let upload = Upload::of(4 * K).await;
    let fault = json!({"operation": "upload.chunk", "account": "creator", "after_bytes": 2 * K + 5_000, "cut": true});
    upload.servers.fault(Youtube, fault).await;
    assert!(try_send(upload.chunk(0, 4 * K)).await.is_err());
    let asked = upload.ask().await;
    assert_eq!(
        (asked.status, asked.header("range")),
        (308, Some("bytes=0-524287"))
    );
    assert_eq!(upload.send(2 * K, 4 * K).await.status, 201);
    upload.assert_created_once().await;
}

#[tokio::test]
async fn what_a_client_sent_before_it_died_counts() {
    let upload = Upload::of(4 * K).await;
    let total = 4 * K;
    let last = total - 1;
    let headers = format!("content-length: {total}\r\ncontent-range: bytes 0-{last}/{total}");
    let mut stream = upload.raw(&headers).await;
    stream
        .write_all(&upload.data[..2 * K + 1_000])
        .await
        .expect("sent");
    stream.flush().await.expect("sent");
    drop(stream);
    let asked = async {
        loop {
            if let Some(stored) = upload.stored().await {
                return stored;
            }
        }
    };
    let stored = timeout(Duration::from_secs(10), asked).await;
    assert_eq!(stored.as_deref(), Ok("bytes=0-524287"));
    assert_eq!(upload.send(2 * K, 4 * K).await.status, 201);
    assert_eq!(upload.violations().await, json!([]));
}

#[tokio::test]
async fn an_answer_lost_after_the_last_byte_leaves_exactly_one_video() {
    let upload = Upload::of(1_000).await;
    let fault =
        json!({"operation": "upload.final", "account": "creator", "when": "after", "cut": true});
    upload.servers.fault(Youtube, fault).await;
    assert!(try_send(upload.chunk(0, 1_000)).await.is_err());
    assert_eq!(upload.ask().await.status, 201);
    upload.assert_created_once().await;
}

#[tokio::test]
async fn the_last_chunk_may_be_answered_308_although_all_is_stored() {
    let upload = Upload::of(1_000).await;
    upload
        .servers
        .fault(
            Youtube,
            json!({"operation": "upload.final", "answer": "308"}),
        )
        .await;
    let answer = upload.send_all().await;
    assert_eq!(
        (answer.status, answer.header("range")),
        (308, Some("bytes=0-999"))
    );
    assert_eq!(upload.ask().await.status, 201);
}

#[tokio::test]
async fn a_chunk_that_is_no_multiple_of_256_kib_is_refused_and_noted() {
    let upload = Upload::of(1_000_000).await;
    assert_eq!(upload.send(0, 1_000).await.status, 400);
    let violations = upload.violations().await;
    assert_eq!(
        violations[0]["what"],
        "a chunk that is not a multiple of 256 KiB"
    );
}

#[tokio::test]
async fn a_gap_or_an_overlap_stores_nothing() {
    let upload = Upload::of(4 * K).await;
    upload.send(0, 2 * K).await;
    for first in [K, 3 * K] {
        assert_eq!(upload.send(first, first + K).await.status, 503);
        assert_eq!(upload.stored().await.as_deref(), Some("bytes=0-524287"));
    }
    upload
        .servers
        .knobs(Youtube, json!({"gap_status": 400}))
        .await;
    assert_eq!(upload.send(0, K).await.status, 400);
}

#[tokio::test]
async fn a_status_query_needs_a_length() {
    let upload = Upload::of(1_000).await;
    let mut stream = upload
        .raw("content-range: bytes */1000\r\nconnection: close")
        .await;
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("received");
    assert!(text.starts_with("HTTP/1.1 411"), "{text}");
}

#[tokio::test]
async fn transient_failures_come_where_they_are_ordered() {
    let upload = Upload::of(1_000).await;
    let faults = json!([
        {"operation": "upload.start", "status": 500},
        {"operation": "upload.status", "status": 503, "headers": {"retry-after": "2"}},
        {"operation": "upload.chunk", "error": "html502"},
    ]);
    upload.servers.fault(Youtube, faults).await;
    let start = upload
        .servers
        .start_upload(&upload.token, 1_000, &private("x"))
        .await;
    assert_eq!(start.status, 500);
    let asked = upload.ask().await;
    assert_eq!(
        (asked.status, asked.header("retry-after")),
        (503, Some("2"))
    );
    let chunk = upload.send_all().await;
    assert!(chunk.status == 502 && chunk.text.starts_with("<!DOCTYPE"));
    assert_eq!(
        upload.stored().await,
        None,
        "a failure before the effect stores nothing"
    );
    assert_eq!(upload.send_all().await.status, 201);
}
