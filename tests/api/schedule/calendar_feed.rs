//! The calendar that other programs read.

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
    assert_problem(
        &nobody.get("/api/schedule/calendar?secret=").await,
        404,
        "not_found",
    );
    assert_problem(
        &nobody.get("/api/schedule/calendar").await,
        400,
        "invalid_query",
    );
}
