use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use http::{HeaderMap, header};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::transport::answer::MAX_BELIEVED_RETRY_AFTER;

/// Serves the given answers in turn, one connection each; an empty answer closes the connection unanswered.
async fn serve(answers: Vec<&'static str>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            if answer == "hang" {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (address, seen)
}

fn quick(policy: CallPolicy) -> CallPolicy {
    CallPolicy {
        backoff: Backoff {
            base: Duration::from_millis(1),
            cap: Duration::from_millis(5),
        },
        ..policy
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const BUSY: &str =
    "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_safe_call_is_repeated_until_it_succeeds() {
    let (address, seen) = serve(vec![BUSY, "", OK]).await;
    let policy = quick(CallPolicy::safe("test", "read"));
    let answer = Transport::new()
        .call(&policy, |http| http.get(&address))
        .await
        .unwrap();
    assert_eq!((answer.status.as_u16(), answer.attempts), (200, 3));
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_call_with_an_effect_is_made_once() {
    let (address, seen) = serve(vec!["", OK]).await;
    let policy = quick(CallPolicy::unsafe_to_repeat("test", "write"));
    let error = Transport::new()
        .call(&policy, |http| http.post(&address))
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::Reset { .. }), "{error:?}");
    assert!(error.may_have_arrived());
    assert_eq!(seen.load(Ordering::SeqCst), 1);

    let (address, seen) = serve(vec![BUSY, OK]).await;
    let answer = Transport::new()
        .call(&policy, |http| http.post(&address))
        .await
        .unwrap();
    assert_eq!(answer.status, 503);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_connection_never_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let records = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&records);
    let transport = Transport::new().observed_by(Arc::new(move |record| {
        sink.lock().unwrap().push(*record);
    }));
    let policy = quick(CallPolicy::unsafe_to_repeat("test", "write"));
    let error = transport
        .call(&policy, |http| http.post(&address))
        .await
        .unwrap_err();
    assert!(!error.may_have_arrived());
    let records = records.lock().unwrap();
    let attempts: Vec<_> = records.iter().map(|record| record.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    assert!(
        records
            .iter()
            .all(|record| record.error == Some("not_sent"))
    );
}

#[tokio::test]
async fn a_silent_service_is_a_timeout() {
    let (address, _) = serve(vec!["hang"]).await;
    let policy =
        CallPolicy::unsafe_to_repeat("test", "write").attempt_timeout(Duration::from_millis(50));
    let error = Transport::new()
        .call(&policy, |http| http.post(&address))
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::Timeout { .. }));
    assert!(error.may_have_arrived());
}

#[tokio::test]
async fn a_long_retry_after_is_left_to_the_caller() {
    let (address, seen) = serve(vec![
        "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nretry-after: 3600\r\nconnection: close\r\n\r\n",
        OK,
    ])
    .await;
    let policy = quick(CallPolicy::safe("test", "read"));
    let answer = Transport::new()
        .call(&policy, |http| http.get(&address))
        .await
        .unwrap();
    assert_eq!(answer.status, 429);
    assert_eq!(answer.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn redirects_are_answers_and_large_bodies_are_refused() {
    let (address, _) = serve(vec![
        "HTTP/1.1 308 Resume\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello world",
    ])
    .await;
    let transport = Transport::new();
    let policy = CallPolicy::safe("test", "read").max_answer(10);
    let moved = transport
        .call(&policy, |http| http.get(&address))
        .await
        .unwrap();
    assert_eq!(moved.status, 308);
    for _ in 0..2 {
        let error = transport
            .call(&policy, |http| http.get(&address))
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::TooLarge { limit: 10, .. }));
    }
}

#[tokio::test]
async fn a_stream_is_read_piece_by_piece() {
    let (address, _) = serve(vec![BUSY, OK]).await;
    let policy = quick(CallPolicy::safe("test", "stream"));
    let opened = Transport::new()
        .open(&policy, |http| http.get(&address))
        .await
        .unwrap();
    let Opened::Stream(mut stream) = opened else {
        panic!("refused");
    };
    let mut body = Vec::new();
    while let Some(piece) = stream.next(Duration::from_secs(1)).await.unwrap() {
        body.extend_from_slice(&piece);
    }
    assert_eq!(body, b"{}");
}

#[test]
fn retry_after_is_read_in_both_forms() {
    let now = httpdate::parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT").unwrap();
    let read = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, now)
    };
    assert_eq!(read("7"), Some(Duration::from_secs(7)));
    assert_eq!(
        read("Sun, 22 Nov 2026 12:00:30 GMT"),
        Some(Duration::from_secs(30))
    );
    assert_eq!(read("Sun, 22 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
    assert_eq!(
        read("99999999999999999999999"),
        Some(MAX_BELIEVED_RETRY_AFTER)
    );
    assert_eq!(read("-1"), None);
    assert_eq!(read("soon"), None);
    assert_eq!(read(""), None);
}

proptest! {
    #[test]
    fn waits_stay_within_bounds(
        attempt in 0_u32..200, seed: u64, base_ms in 0_u64..10_000, cap_ms in 0_u64..100_000,
    ) {
        let backoff = Backoff { base: Duration::from_millis(base_ms), cap: Duration::from_millis(cap_ms) };
        let random = fastrand::Rng::with_seed(seed).f64();
        let wait = backoff.wait(attempt, random);
        prop_assert!(wait <= backoff.bound(attempt));
        prop_assert!(backoff.bound(attempt) <= backoff.cap);
        prop_assert!(backoff.bound(attempt) <= backoff.bound(attempt + 1));
        prop_assert_eq!(wait, backoff.wait(attempt, random));
    }

    #[test]
    fn odd_random_numbers_do_not_break_the_bound(attempt: u32, random: f64) {
        let backoff = Backoff::default();
        prop_assert!(backoff.wait(attempt, random) <= backoff.cap);
    }

    #[test]
    fn any_retry_after_is_read_without_panic(value in "\\PC*") {
        if let Ok(value) = value.parse() {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value);
            let wait = retry_after(&headers, SystemTime::now());
            prop_assert!(wait.is_none_or(|wait| wait <= MAX_BELIEVED_RETRY_AFTER));
        }
    }
}
