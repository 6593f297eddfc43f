//! The client against a socket: what it sends, and what it makes of each way an answer can go wrong.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// One answer of the script: written in these pieces, then the connection is closed.
type Script = Vec<Vec<Vec<u8>>>;

/// Answers the script's entries in turn and keeps every request as text.
async fn serve(script: Script) -> (Gemini, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        for pieces in script {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 8192];
            while !complete(&request) {
                match socket.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&buffer[..n]),
                }
            }
            seen.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&request).into_owned());
            for piece in pieces {
                let _ = socket.write_all(&piece).await;
                let _ = socket.flush().await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });
    let config = Settings {
        api_key: "test-key\n".to_owned().into(),
        model: None,
        url,
        api_version: "v1beta".to_owned(),
        send_store: true,
        prices: PriceList::default(),
    };
    let mut gemini = Gemini::new(Transport::new(), &config, Timestamp::now);
    gemini.backoff = Backoff {
        base: Duration::from_millis(1),
        cap: Duration::from_millis(2),
    };
    (gemini, requests)
}

fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|n| n.trim().parse().unwrap_or(0))
        })
        .unwrap_or(0);
    body.len() >= length
}

fn answer(status: &str, body: &str) -> Vec<Vec<u8>> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    vec![format!("{head}{body}").into_bytes()]
}

fn good() -> Vec<Vec<u8>> {
    answer(
        "200 OK",
        &json!({"candidates": [{"content": {"parts": [{"text": "{}"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1, "totalTokenCount": 6},
            "modelVersion": "gemini-3.8-flash", "responseId": "r"})
        .to_string(),
    )
}

fn sse(pieces: &[&str]) -> Vec<Vec<u8>> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    std::iter::once(head)
        .chain(pieces.iter().copied())
        .map(|piece| piece.as_bytes().to_vec())
        .collect()
}

fn prompt() -> Prompt {
    Prompt {
        system: "Write.".to_owned(),
        turns: vec![Turn::user(["Honey.".to_owned()])],
        schema: schema::object([("title", schema::string("t"))]),
        max_output_tokens: 4096,
        thinking: models::supported(DEFAULT_MODEL, ThinkingLevel::Low),
        seed: 1,
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

#[tokio::test]
async fn the_request_carries_the_key_in_its_header_and_the_colon_in_its_path() {
    let (gemini, requests) = serve(vec![good()]).await;
    let answer = gemini.generate(&prompt(), soon()).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Complete("{}".to_owned()));
    let request = requests.lock().unwrap()[0].clone();
    assert!(
        request.starts_with("POST /v1beta/models/gemini-3.8-flash:generateContent HTTP/1.1"),
        "{request}"
    );
    assert!(
        request.contains("x-goog-api-key: test-key\r\n"),
        "the key is trimmed: {request}"
    );
    assert!(request.contains("\"store\":false"));
    assert!(!request.contains("key="));
    assert!(!format!("{gemini:?}").contains("test-key"));
}

#[tokio::test]
async fn trouble_that_passes_is_waited_out() {
    let busy =
        r#"{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}"#;
    let slow = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x",
        "details":[{"@type":"t/google.rpc.RetryInfo","retryDelay":"5ms"}]}}"#;
    let (gemini, requests) = serve(vec![
        answer("503 Busy", busy),
        answer("429 Slow", slow),
        good(),
    ])
    .await;
    gemini.generate(&prompt(), soon()).await.unwrap();
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn three_attempts_are_the_most() {
    let html = "<html>Bad Gateway</html>";
    let (gemini, requests) = serve(vec![
        answer("502 Bad", html),
        answer("502 Bad", html),
        answer("502 Bad", html),
        good(),
    ])
    .await;
    let error = gemini.generate(&prompt(), soon()).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { status: 502, .. }),
        "{error:?}"
    );
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_cut_answer_may_have_been_billed_and_is_not_asked_again() {
    let cut = vec![b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"candidates\":".to_vec()];
    let (gemini, requests) = serve(vec![cut, good()]).await;
    let error = gemini.generate(&prompt(), soon()).await.unwrap_err();
    assert!(matches!(error, Error::Cut { .. }), "{error:?}");
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_not_asked_again() {
    let (gemini, requests) = serve(vec![answer("200 OK", "<html>"), good()]).await;
    assert!(matches!(
        gemini.generate(&prompt(), soon()).await,
        Err(Error::Unreadable { .. })
    ));
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (gemini, _) = serve(vec![vec![]]).await;
    // The connection is accepted and closed only after the deadline.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut gemini = gemini;
    gemini.base = format!("http://{}/v1beta", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let deadline = Instant::now() + Duration::from_millis(80);
    assert!(matches!(
        gemini.generate(&prompt(), deadline).await,
        Err(Error::TimedOut)
    ));
}

#[tokio::test]
async fn nothing_is_begun_without_time_for_it() {
    let long = r#"{"error":{"code":429,"message":"x","details":[{"@type":"t/google.rpc.RetryInfo","retryDelay":"60s"}]}}"#;
    let (gemini, requests) = serve(vec![answer("429 Slow", long), good()]).await;
    let error = gemini.generate(&prompt(), soon()).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { after: Some(after) } if after.as_secs() == 60));
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_key_is_taken_out_of_messages() {
    let body = r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Bad: test-key"}}"#;
    let (gemini, _) = serve(vec![answer("400 Bad", body)]).await;
    let error = gemini.generate(&prompt(), soon()).await.unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("test-key"),
        "{error}"
    );
}

#[tokio::test]
async fn a_stream_tells_its_text_as_it_arrives() {
    let (gemini, requests) = serve(vec![sse(&[
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"{\\\"a\\\"\"}]}}],\"usageMetadata\":{\"promptTokenCount\":5}}\n\nda",
        "ta: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\":1}\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":4}}\n\n",
    ])])
    .await;
    let mut heard = Vec::new();
    let answer = gemini
        .stream(&prompt(), soon(), &mut |text| heard.push(text.to_owned()))
        .await
        .unwrap();
    assert_eq!(heard, ["{\"a\"", ":1}"]);
    assert_eq!(answer.outcome, Outcome::Complete("{\"a\":1}".to_owned()));
    assert_eq!(answer.usage.unwrap().billed_output(), 4);
    let request = requests.lock().unwrap()[0].clone();
    assert!(
        request.starts_with("POST /v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse "),
        "{request}"
    );
    assert!(request.contains("accept-encoding: identity"));
}

#[tokio::test]
async fn a_stream_is_begun_again_only_before_its_first_text() {
    let error = "data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\n\n";
    let text = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n";
    let whole = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},\"finishReason\":\"STOP\"}]}\n\n";
    let wrapped = answer(
        "503 Busy",
        &format!("[{}]", error.trim_start_matches("data: ").trim()),
    );
    let (gemini, requests) = serve(vec![wrapped, sse(&[error]), sse(&[whole])]).await;
    gemini.stream(&prompt(), soon(), &mut |_| {}).await.unwrap();
    assert_eq!(requests.lock().unwrap().len(), 3);

    let (gemini, requests) = serve(vec![sse(&[text, error]), sse(&[whole])]).await;
    let failed = gemini
        .stream(&prompt(), soon(), &mut |_| {})
        .await
        .unwrap_err();
    assert!(
        matches!(failed, Error::Unavailable { status: 503, .. }),
        "{failed:?}"
    );
    assert_eq!(requests.lock().unwrap().len(), 1);

    let (gemini, _) = serve(vec![sse(&[text])]).await;
    let cut = gemini
        .stream(&prompt(), soon(), &mut |_| {})
        .await
        .unwrap_err();
    assert!(matches!(cut, Error::Cut { partial, .. } if partial == "x"));
}
