use std::sync::{Arc, Mutex};

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::transport::{Answer, Transport};
use crate::youtube::{ErrorKind, session::next_offset};

const TOTAL: u64 = 2 * GRANULE + 5;

fn piece(bytes: &'static [u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    futures_util::stream::iter([Ok(Bytes::from_static(bytes))])
}

fn client(base: &str) -> YouTube {
    YouTube::at(Transport::new(), base.parse().unwrap())
}

fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> Outcome {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let answer = Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: body.to_owned().into(),
        attempts: 1,
    };
    client("https://www.googleapis.com/").outcome(Ok(answer), TOTAL)
}

#[test]
fn an_answer_says_where_to_go_on() {
    let full = format!("bytes=0-{}", TOTAL - 1);
    for (status, headers, expected) in [
        (308, vec![("range", "bytes=0-262143")], Some(GRANULE)),
        (308, vec![], Some(0)),
        (308, vec![("range", full.as_str())], Some(TOTAL)),
        (
            200,
            vec![
                ("x-http-status-code-override", "308"),
                ("range", "bytes=0-262143"),
            ],
            Some(GRANULE),
        ),
        // Beyond the end, from elsewhere, or not a number: not believed.
        (308, vec![("range", "bytes=0-9999999999")], None),
        (308, vec![("range", "bytes=5-262143")], None),
        (308, vec![("range", "bytes=0-")], None),
        (308, vec![("range", "bytes=0-+7")], None),
        (308, vec![("range", "bytes=0-18446744073709551615")], None),
    ] {
        match (judged(status, &headers, ""), expected) {
            (Outcome::Incomplete { next, moved: None }, Some(expected)) => {
                assert_eq!(next, expected);
            }
            (Outcome::Transient { .. }, None) => {}
            other => panic!("{status} {headers:?}: {other:?}"),
        }
    }
}

#[test]
fn a_new_address_is_adopted_when_it_is_googles() {
    let moved = |location: &str| {
        judged(
            308,
            &[("range", "bytes=0-262143"), ("location", location)],
            "",
        )
    };
    match moved("https://upload.googleapis.com/x?upload_id=2") {
        Outcome::Incomplete {
            moved: Some(uri), ..
        } => assert!(uri.expose().ends_with("upload_id=2")),
        other => panic!("{other:?}"),
    }
    for foreign in [
        "https://example.com/x",
        "http://www.googleapis.com/x",
        "https://googleapis.com.example.com/",
        "nonsense",
    ] {
        assert!(
            matches!(moved(foreign), Outcome::Transient { .. }),
            "{foreign}"
        );
    }
}

#[test]
fn every_answer_has_one_meaning() {
    let complete = r#"{"kind":"youtube#video","id":"abc","status":{"uploadStatus":"uploaded"}}"#;
    for status in [200, 201] {
        assert!(
            matches!(judged(status, &[], complete), Outcome::Complete { video } if video == "abc")
        );
    }
    assert!(matches!(judged(200, &[], "{}"), Outcome::Transient { .. }));
    assert!(matches!(
        judged(200, &[], "<html>"),
        Outcome::Transient { .. }
    ));
    assert!(matches!(judged(404, &[], "Not Found"), Outcome::Gone));
    assert!(matches!(judged(410, &[], ""), Outcome::Gone));
    assert!(matches!(judged(401, &[], ""), Outcome::Unauthorized));
    assert!(matches!(
        judged(307, &[("location", "https://www.googleapis.com/")], ""),
        Outcome::Transient { .. }
    ));
    for status in [408, 429, 500, 502, 503, 504, 599] {
        assert!(
            matches!(judged(status, &[], ""), Outcome::Transient { .. }),
            "{status}"
        );
    }
    match judged(503, &[("retry-after", "2")], "") {
        Outcome::Transient { after, .. } => assert_eq!(after, Some(Duration::from_secs(2))),
        other => panic!("{other:?}"),
    }
    let refused = r#"{"error":{"code":400,"errors":[{"reason":"invalidTitle"}]}}"#;
    assert!(
        matches!(judged(400, &[], refused), Outcome::Permanent(error) if error.reason == "invalidTitle")
    );
    let no_channel = r#"{"error":{"code":401,"errors":[{"reason":"youtubeSignupRequired"}]}}"#;
    assert!(matches!(
        judged(401, &[], no_channel),
        Outcome::Permanent(_)
    ));
    let day = r#"{"error":{"code":429,"message":"limit 'Video Uploads per day'","errors":[{"reason":"rateLimitExceeded"}]}}"#;
    assert!(
        matches!(judged(429, &[], day), Outcome::Permanent(error) if error.kind == ErrorKind::DailyQuota)
    );
}

proptest! {
    #[test]
    fn no_answer_breaks_the_reading(status in 200_u16..600, range in "\\PC{0,40}", body in "\\PC{0,80}") {
        if let Ok(value) = range.parse::<http::HeaderValue>() {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, value);
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(), headers, body: body.into(), attempts: 1,
            };
            if let Outcome::Incomplete { next, .. } = client("https://www.googleapis.com/").outcome(Ok(answer), TOTAL) {
                prop_assert!(next <= TOTAL);
            }
        }
    }

    #[test]
    fn a_stored_range_is_read_back(last in 0_u64..TOTAL) {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, format!("bytes=0-{last}").parse().unwrap());
        prop_assert_eq!(next_offset(&headers, TOTAL), Some(last + 1));
    }
}

/// Answers each connection with the next text and keeps what was asked.
async fn serve(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (sink, own) = (Arc::clone(&seen), address.clone());
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65536];
            let read = socket.read(&mut request).await.unwrap();
            sink.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&request[..read]).into_owned());
            socket
                .write_all(answer.replace("{own}", &own).as_bytes())
                .await
                .unwrap();
        }
    });
    (address, seen)
}

fn answer(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn on_the_wire_it_is_as_the_guide_says() {
    let (address, seen) = serve(vec![
        answer(
            "200 OK\r\nlocation: {own}/upload/youtube/v3/videos?upload_id=1",
            "",
        ),
        answer("308 Resume Incomplete\r\nrange: bytes=0-2", ""),
        answer("201 Created", r#"{"id":"abc"}"#),
    ])
    .await;
    let youtube = client(&address);
    let token = AccessToken::new("token".to_owned());
    let deadline = Instant::now() + Duration::from_secs(5);
    let video = NewVideo {
        title: "Title",
        description: "Text",
        tags: vec!["a", "cce-1"],
        category_id: "22",
        language: None,
        publish_at: "2026-12-01T15:00:00.4Z".parse().unwrap(),
        made_for_kids: false,
        altered_content: true,
        notify_subscribers: false,
        file_name: "cce-1.mp4",
        content_type: "video/mp4",
        bytes_total: 5,
    };
    let session = youtube
        .start_upload(&token, &video, deadline)
        .await
        .unwrap();
    let asked = youtube.ask_session(&token, &session, 5, deadline).await;
    assert!(
        matches!(asked, Outcome::Incomplete { next: 3, .. }),
        "{asked:?}"
    );
    let sent = youtube
        .send_piece(&token, &session, piece(b"45"), 3..5, 5, deadline)
        .await;
    assert!(matches!(sent, Outcome::Complete { .. }), "{sent:?}");
    assert!(!format!("{session:?}").contains("upload_id"));

    let seen = seen.lock().unwrap();
    assert!(seen[0].starts_with(
        "POST /upload/youtube/v3/videos?uploadType=resumable&part=snippet%2Cstatus&notifySubscribers=false HTTP/1.1"
    ));
    for expected in [
        "x-upload-content-length: 5",
        "x-upload-content-type: video/mp4",
        "slug: cce-1.mp4",
        r#""privacyStatus":"private""#,
        r#""publishAt":"2026-12-01T15:00:00Z""#,
        r#""selfDeclaredMadeForKids":false"#,
        r#""containsSyntheticMedia":true"#,
    ] {
        assert!(seen[0].contains(expected), "{expected} in {}", seen[0]);
    }
    assert!(
        seen[1].starts_with("PUT ") && seen[1].contains("content-range: bytes */5"),
        "{}",
        seen[1]
    );
    assert!(seen[1].contains("content-length: 0"), "{}", seen[1]);
    assert_eq!(seen[1].to_lowercase().matches("content-length").count(), 1);
    assert!(
        seen[2].contains("content-range: bytes 3-4/5") && seen[2].contains("content-length: 2"),
        "{}",
        seen[2]
    );
}

#[tokio::test]
async fn a_cut_connection_is_doubt_not_failure() {
    let (address, _) = serve(vec![String::new()]).await;
    let youtube = client(&address);
    let session = SessionUri::new(format!("{address}/x"));
    let token = AccessToken::new("token".to_owned());
    let deadline = Instant::now() + Duration::from_secs(5);
    let outcome = youtube
        .send_piece(&token, &session, piece(b"12345"), 0..5, 5, deadline)
        .await;
    assert!(matches!(outcome, Outcome::Transient { .. }), "{outcome:?}");
}
