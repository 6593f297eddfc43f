use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_owned()),
        attempts: 1,
    }
}

fn readable(body: &str) -> Value {
    fields::usable(&answer(200, body)).unwrap()
}

fn html(status: u16, body: &str) -> Answer {
    let mut answer = answer(status, body);
    answer.headers.insert(
        header::CONTENT_TYPE,
        "text/html; charset=UTF-8".parse().unwrap(),
    );
    answer
}

fn request() -> VideoRequest {
    VideoRequest {
        script: "Honey never spoils. Here's why!\n[zoom in] It is <b>dry</b>.".into(),
        aspect: Aspect::Portrait,
        language: "en-US".into(),
        footage: Footage::StockVideo,
        quality: Quality::Pro,
        resolution: Resolution::FullHd,
        captions: Captions::Middle,
        music: true,
        voice: None,
    }
}

fn job(id: &str) -> ProviderJobId {
    ProviderJobId::new(id).unwrap()
}

#[test]
fn the_body_is_what_the_service_documents() {
    let callback =
        Url::parse("https://app.example.com/api/webhooks/revid?render=r&token=t").unwrap();
    assert_eq!(
        request().to_body(Some(&callback)),
        json!({
            "workflow": "script-to-video",
            "source": { "text": "Honey never spoils.\nHere's why!\nzoom in It is bdry/b." },
            "aspectRatio": "9:16",
            "media": { "type": "stock-video", "density": "medium", "quality": "pro" },
            "voice": { "enabled": true, "language": "en-US" },
            "captions": { "enabled": true, "position": "middle" },
            "music": { "enabled": true },
            "options": { "summarizationPreference": "no-summarization", "outputCount": 1, "nsfwFilter": true },
            "render": { "resolution": "1080p", "frameRate": 30 },
            "webhookUrl": "https://app.example.com/api/webhooks/revid?render=r&token=t",
        })
    );
    let plain = VideoRequest {
        captions: Captions::Off,
        voice: Some("v1".into()),
        ..request()
    }
    .to_body(None);
    assert_eq!(plain["captions"], json!({ "enabled": false }));
    assert_eq!(plain["voice"]["voiceId"], "v1");
    assert_eq!(plain.get("webhookUrl"), None);
}

#[test]
fn sentences_end_where_people_end_them() {
    let lines = |script: &str| {
        VideoRequest {
            script: script.into(),
            ..request()
        }
        .spoken_lines()
    };
    assert_eq!(
        lines("It cost $3.50 in 1.5 hours. \"Really?\" Yes."),
        "It cost $3.50 in 1.5 hours.\n\"Really?\"\nYes."
    );
    assert_eq!(lines("  one\n\n\r\n two\tthree  "), "one\ntwo three");
    assert_eq!(
        lines("<break time=\"1.0s\" />[b-roll: bees] {x}"),
        "break time=\"1.0s\" /b-roll: bees x"
    );
    assert_eq!(lines("[]<>"), "");
}

#[test]
fn a_submit_is_read_in_every_shape() {
    let ok =
        |body: &str| job::submitted(&answer(200, body)).map(|submitted| submitted.id.to_string());
    assert_eq!(
        ok(r#"{"success":1,"pid":"IUPGVSPxjRuK0LDhEDbs","docs":{},"new":[1]}"#).as_deref(),
        Ok("IUPGVSPxjRuK0LDhEDbs")
    );
    assert_eq!(ok(r#"{"success":true,"pid":"p_1"}"#).as_deref(), Ok("p_1"));
    assert_eq!(ok(r#"{"pid":"p_1"}"#).as_deref(), Ok("p_1"));
}

#[test]
fn what_may_have_been_paid_is_unknown() {
    for odd in [
        answer(200, r#"{"success":1}"#),
        answer(200, r#"{"success":1,"pid":""}"#),
        answer(200, r#"{"success":1,"pid":"a/../b"}"#),
        answer(200, "not json"),
        answer(200, ""),
        answer(200, "{}"),
        answer(500, r#"{"success":0,"error":"boom"}"#),
        html(502, "<html>bad gateway</html>"),
        answer(504, ""),
        answer(408, ""),
    ] {
        let error = job::submitted(&odd).unwrap_err();
        assert!(
            matches!(error, SubmitError::Unknown(_)),
            "{odd:?}: {error:?}"
        );
    }
}

#[test]
fn refusals_of_a_submit_are_told_apart() {
    let of = |answer: Answer| job::submitted(&answer).unwrap_err();
    let text = |error: &str| format!(r#"{{"success":0,"error":"{error}","docs":{{}}}}"#);
    let code = |error: SubmitError| match error {
        SubmitError::Rejected { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        of(answer(401, &text("Invalid API key"))),
        SubmitError::Auth(_)
    ));
    assert!(matches!(
        of(answer(200, &text("Invalid API key"))),
        SubmitError::Auth(_)
    ));
    assert!(matches!(of(answer(402, "{}")), SubmitError::OutOfCredit(_)));
    assert!(matches!(
        of(answer(403, &text("insufficient_credits"))),
        SubmitError::OutOfCredit(_)
    ));
    assert!(matches!(
        of(answer(200, &text("INSUFFICIENT_CREDITS left"))),
        SubmitError::OutOfCredit(_)
    ));
    assert_eq!(
        code(of(answer(403, &text("This is for other plans")))),
        FailCode::PlanLocked
    );
    assert_eq!(
        code(of(html(403, "<h1>error code: 1010</h1>"))),
        FailCode::Other
    );
    assert_eq!(
        code(of(answer(422, &text("source.text is required")))),
        FailCode::BadRequest
    );
    assert_eq!(
        code(of(answer(200, &text("workflow is required")))),
        FailCode::BadRequest
    );
    assert_eq!(code(of(answer(307, ""))), FailCode::BadRequest);
    assert_eq!(
        code(of(answer(200, &text("Invalid media file")))),
        FailCode::InvalidMedia
    );
    let mut busy = answer(429, "{}");
    busy.headers
        .insert(header::RETRY_AFTER, "7".parse().unwrap());
    assert_eq!(
        of(busy),
        SubmitError::RateLimited(Some(Duration::from_secs(7)))
    );
}

#[test]
fn both_dialects_of_status_are_read() {
    let state = |body: Value| job::job_state(&answer(200, &body.to_string()), &job("p1")).unwrap();
    let running = |progress| JobState::Running {
        progress,
        without_file: false,
    };
    assert_eq!(
        state(json!({"success":1,"pid":"p1","status":"building"})),
        running(None)
    );
    assert_eq!(
        state(json!({"pid":"p1","status":"queued","progress":0})),
        JobState::Queued
    );
    assert_eq!(
        state(json!({"pid":"p1","status":"rendering","progress":45})),
        running(Some(45))
    );
    assert_eq!(
        state(json!({"pid":"p1","status":"exporting","progress":"99%"})),
        running(Some(99))
    );
    assert_eq!(
        state(json!({"pid":"p1","status":"rendering","progress":1e9})),
        running(Some(100))
    );
    assert_eq!(
        state(json!({"status":"ready","videoUrl":""})),
        JobState::Running {
            progress: None,
            without_file: true
        }
    );
    assert_eq!(
        state(
            json!({"success":1,"pid":"p1","status":"ready","videoUrl":"https://cdn.revid.ai/a.mp4","creditsConsumed":10})
        ),
        JobState::Succeeded(FinishedVideo {
            file: "https://cdn.revid.ai/a.mp4".into(),
            thumbnail: None,
            seconds: None,
            credits: Some(10)
        })
    );
    assert_eq!(
        state(
            json!({"pid":"p1","status":"READY","progress":100,"videoUrl":"https://cdn.revid.ai/a.mp4",
            "thumbnailUrl":"https://cdn.revid.ai/a.jpg","durationSeconds":38,"creditsUsed":1.2,"error":null})
        ),
        JobState::Succeeded(FinishedVideo {
            file: "https://cdn.revid.ai/a.mp4".into(),
            thumbnail: Some("https://cdn.revid.ai/a.jpg".into()),
            seconds: Some(38.0),
            credits: Some(2),
        })
    );
}

#[test]
fn failures_are_known_by_their_text() {
    for (text, code) in [
        ("insufficient_credits", FailCode::InsufficientCredits),
        ("scrape failed", FailCode::SourceUnreadable),
        ("got 403 from source", FailCode::SourceUnreadable),
        ("Script too long (9000 > 5000)", FailCode::ScriptTooLong),
        ("voice unavailable", FailCode::VoiceUnavailable),
        ("NSFW content detected", FailCode::ContentRefused),
        ("media generation timed out", FailCode::MediaTimedOut),
        ("Invalid media file", FailCode::InvalidMedia),
        ("unknown workflow", FailCode::BadRequest),
        (
            "Cannot read properties of undefined (reading 'replace')",
            FailCode::BadRequest,
        ),
        ("something new", FailCode::Other),
        ("", FailCode::Other),
    ] {
        for (status, field) in [
            ("failed", "error"),
            ("error", "error"),
            ("FAILED", "message"),
        ] {
            let body = json!({"pid":"p1","status":status,field:text,"creditsUsed":3}).to_string();
            let state = job::job_state(&answer(200, &body), &job("p1")).unwrap();
            assert_eq!(
                state,
                JobState::Failed {
                    code,
                    message: text.into(),
                    credits: Some(3)
                }
            );
        }
    }
    let cancelled = job::job_state(&answer(200, r#"{"status":"CANCELED"}"#), &job("p1")).unwrap();
    assert!(matches!(
        cancelled,
        JobState::Failed {
            code: FailCode::CancelledThere,
            ..
        }
    ));
}

#[test]
fn polls_that_say_nothing_end_nothing() {
    let error = |answer: Answer| job::job_state(&answer, &job("p1")).unwrap_err();
    assert_eq!(error(answer(404, "{}")), PollError::NotFound);
    assert_eq!(error(answer(401, "{}")), PollError::Auth);
    assert_eq!(error(answer(429, "")), PollError::RateLimited(None));
    assert!(matches!(
        error(html(502, "<html>")),
        PollError::Unavailable(_)
    ));
    assert!(matches!(
        error(html(403, "error code: 1010")),
        PollError::Refused(_)
    ));
    assert!(matches!(error(answer(307, "")), PollError::Refused(_)));
    for body in [
        "",
        "[]",
        "null",
        "<html>",
        "{}",
        r#"{"status":7}"#,
        r#"{"pid":"other","status":"ready","videoUrl":"https://x.y/z"}"#,
    ] {
        assert!(
            matches!(error(answer(200, body)), PollError::Malformed(_)),
            "{body}"
        );
    }
    assert_eq!(
        error(answer(200, r#"{"success":0,"error":"Invalid API key"}"#)),
        PollError::Auth
    );
    assert_eq!(
        error(answer(200, r#"{"success":0,"error":"Project not found"}"#)),
        PollError::NotFound
    );
}

#[test]
fn estimates_and_projects_are_read_in_their_shapes() {
    let credits = |body: &str| projects::credits(&answer(200, body));
    assert_eq!(
        credits(r#"{"creditsEstimate":4,"breakdown":{"base":1}}"#),
        Ok(4)
    );
    assert_eq!(credits(r#"{"credits":"12.1"}"#), Ok(13));
    assert!(credits(r#"{"credits":-1}"#).is_err());
    assert!(credits(r#"{"credits":1e300}"#).is_err());
    assert!(credits("{}").is_err());

    for (body, at) in [
        (
            r#"[{"pid":"a","createdAt":"2026-11-22T12:00:00Z"},{"nonsense":1}]"#,
            Some(1_795_348_800),
        ),
        (
            r#"{"success":1,"projects":[{"id":"a","created_at":1795348800}]}"#,
            Some(1_795_348_800),
        ),
        (
            r#"{"data":[{"pid":"a","createdAt":1795348800000}]}"#,
            Some(1_795_348_800),
        ),
        (
            r#"{"data":[{"pid":"a","createdAt":{"_seconds":1795348800,"_nanoseconds":1}}]}"#,
            Some(1_795_348_800),
        ),
        (r#"{"data":[{"pid":"a","createdAt":"yesterday"}]}"#, None),
    ] {
        let list = projects_in(&readable(body)).unwrap();
        assert_eq!(list.len(), 1, "{body}");
        assert_eq!(list[0].id, job("a"));
        assert_eq!(list[0].created_at.map(Timestamp::as_second), at, "{body}");
    }
    let marked = r#"[{"pid":"a","webhookUrl":"https://x/api/webhooks/revid?render=0198"}]"#;
    let marked = &projects_in(&readable(marked)).unwrap()[0];
    assert!(marked.mentions("0198") && !marked.mentions("0199") && !marked.mentions(""));
    assert!(projects_in(&readable(r#"{"success":1}"#)).is_err());
}

#[test]
fn only_a_plain_id_is_taken_from_a_callback() {
    assert_eq!(
        read_callback(br#"{"pid":"p1","status":"ready","videoUrl":"http://169.254.169.254/"}"#),
        Some(job("p1"))
    );
    for body in [
        &b""[..],
        b"{}",
        b"\xff\xfe",
        br#"{"pid":7}"#,
        br#"{"pid":"a b"}"#,
        br#"{"pid":"../x"}"#,
        b"[]",
    ] {
        assert_eq!(read_callback(body), None);
    }
    assert_eq!(
        ProviderJobId::new(&"a".repeat(128)).map(|id| id.as_str().len()),
        Some(128)
    );
    assert_eq!(ProviderJobId::new(&"a".repeat(129)), None);
}

/// Answers every connection with `answer` and keeps what was asked.
async fn serve(answer: &'static str) -> (Url, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 16_384];
            let length = socket.read(&mut request).await.unwrap_or(0);
            keep.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&request[..length]).into_owned());
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (base, seen)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[tokio::test]
async fn the_key_is_sent_under_its_own_name_and_nowhere_else() {
    let (base, seen) =
        serve("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"pid\":\"p1\",\"status\":\"queued\"}")
            .await;
    let revid = Revid::new(Transport::new(), base, SecretString::from("the-key"));
    assert_eq!(revid.poll(&job("p1"), soon()).await, Ok(JobState::Queued));
    let asked = seen.lock().unwrap()[0].to_lowercase();
    assert!(
        asked.starts_with("get /api/public/v3/status?pid=p1 http/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains("\r\nkey: the-key\r\n")
            && asked.contains("\r\nuser-agent: content-catalyst-engine/"),
        "{asked}"
    );
    assert!(!asked.contains("authorization"), "{asked}");
    assert!(!format!("{revid:?}").contains("the-key"));
}

#[tokio::test]
async fn an_ambiguous_submit_is_sent_once() {
    let callback = Url::parse("https://app.example.com/api/webhooks/revid").unwrap();
    for cut in [
        "",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"succ",
    ] {
        let (base, seen) = serve(cut).await;
        let revid = Revid::new(Transport::new(), base, SecretString::from("k"));
        let error = revid
            .submit(&request(), &callback, soon())
            .await
            .unwrap_err();
        assert!(matches!(error, SubmitError::Unknown(_)), "{error:?}");
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_submit_that_comes_too_late_is_not_sent() {
    let callback = Url::parse("https://app.example.com/api/webhooks/revid").unwrap();
    let (base, seen) = serve("HTTP/1.1 200 OK\r\n\r\n").await;
    let revid = Revid::new(Transport::new(), base, SecretString::from("k"));
    let error = revid
        .submit(&request(), &callback, Instant::now())
        .await
        .unwrap_err();
    assert!(matches!(error, SubmitError::NotSent(_)), "{error:?}");
    assert!(seen.lock().unwrap().is_empty());
}

proptest! {
    #[test]
    fn no_answer_makes_the_reader_panic(status in 200_u16..600, body in ".{0,200}") {
        let answer = answer(status, &body);
        let _ = job::submitted(&answer);
        let _ = job::job_state(&answer, &job("p1"));
        let _ = projects::credits(&answer);
        let _ = fields::usable(&answer).and_then(|body| projects_in(&body));
        let _ = read_callback(body.as_bytes());
    }

    #[test]
    fn no_bracket_survives_and_no_word_is_lost(script in "[a-z \\[\\]<>.!?\n]{0,200}") {
        let lines = VideoRequest { script: script.clone(), ..request() }.spoken_lines();
        prop_assert!(!lines.contains(['[', ']', '<', '>']));
        let words = |text: &str| text.split(|c: char| !c.is_ascii_lowercase()).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&lines), words(&script.replace(['[', ']', '<', '>'], "")));
    }
}
