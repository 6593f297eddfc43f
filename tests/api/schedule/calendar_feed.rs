//! The calendar that other programs read.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Publisher, assert_problem};

#[tokio::test]
async fn a_calendar_program_reads_the_calendar_under_its_secret_alone() {
    let publisher = Publisher::new().await;
    let upload = publisher.schedule_seeded(72).await;
    let api = &publisher.user.api;
    let path = |answer: &Answer| {
        let url = answer.text("/url");
        url[url.find("/api/").expect("a path")..].to_owned()
    };
    let first = path(
        &api.post("/api/schedule/calendar", &json!({}))
            .await
            .status(201),
    );
    let nobody = publisher.stack.anonymous();
    let calendar = nobody.get(&first).await.status(200);
    assert_eq!(
        calendar.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    let text = String::from_utf8(calendar.body).expect("UTF-8");
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!("UID:{}@content-catalyst-engine\r\n", upload.id())),
        "{text}"
    );
    let second = path(
        &api.post("/api/schedule/calendar", &json!({}))
            .await
            .status(201),
    );
    assert_problem(&nobody.get(&first).await, 404, "not_found");
    nobody.get(&second).await.status(200);
    api.delete("/api/schedule/calendar").await.status(204);
    assert_problem(&nobody.get(&second).await, 404, "not_found");
    for unknown in [
        "/api/schedule/calendar/.ics",
        "/api/schedule/calendar/unknown.ics",
        "/api/schedule/calendar/unknown",
    ] {
        assert_problem(&nobody.get(unknown).await, 404, "not_found");
    }
}

/// Google looks once a day or so: what it has kept meanwhile must give way to what is newer.
#[tokio::test]
async fn case_g09_every_change_raises_the_sequence() {
    let publisher = Publisher::new().await;
    let upload = publisher.schedule_seeded(72).await;
    let api = &publisher.user.api;
    let made = api.post("/api/schedule/calendar", &json!({})).await;
    let url = made.status(201).text("/url");
    let path = &url[url.find("/api/").expect("a path")..];
    let mut before = 0;
    for hours in [80, 75] {
        publisher
            .move_to(&upload, publisher.hours(hours).await)
            .await;
        let calendar = publisher.stack.anonymous().get(path).await.status(200);
        let text = String::from_utf8(calendar.body).expect("UTF-8");
        let sequence = text.lines().find_map(|line| line.strip_prefix("SEQUENCE:"));
        let sequence: i64 = sequence.expect("a sequence").parse().expect("a number");
        assert!(sequence > before, "{sequence} after {before}:\n{text}");
        before = sequence;
    }
}

#[tokio::test]
async fn case_g07_calendar_programs_subscribe_as_they_do() {
    let publisher = Publisher::new().await;
    // On YouTube, where nothing changes it before its slot.
    publisher.on_youtube(72).await;
    let made = publisher
        .user
        .api
        .post("/api/schedule/calendar", &json!({}))
        .await
        .status(201);
    let url = made.text("/url");
    assert!(url.ends_with(".ics") && !url.contains('?'), "{url}");
    let path = &url[url.find("/api/").expect("a path")..];
    let nobody = publisher.stack.anonymous();
    let first = nobody
        .get(&format!("{path}?_=1&_=2&utm=%ff"))
        .await
        .status(200);
    let ask = |method, header: &'static str, value: Option<&str>| {
        Answer::of(
            nobody
                .request(method, path)
                .header(header, value.expect("the answer has it")),
        )
    };
    let head = Answer::of(nobody.request(Method::HEAD, path))
        .await
        .status(200);
    assert_eq!(head.header("etag"), first.header("etag"));
    assert_eq!(head.header("content-type"), first.header("content-type"));
    assert!(head.body.is_empty());
    let known = ask(Method::GET, "if-none-match", first.header("etag"))
        .await
        .status(304);
    assert!(known.body.is_empty() && known.header("etag").is_some());
    ask(Method::GET, "if-none-match", Some("\"other\""))
        .await
        .status(200);
    ask(
        Method::GET,
        "if-modified-since",
        first.header("last-modified"),
    )
    .await
    .status(304);
    ask(
        Method::GET,
        "if-modified-since",
        Some("Thu, 01 Jan 2026 00:00:00 GMT"),
    )
    .await
    .status(200);
    publisher.schedule_seeded(96).await;
    ask(Method::GET, "if-none-match", first.header("etag"))
        .await
        .status(200);
}
