//! What must not be published is refused with the field.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Publisher, assert_problem, assert_problem_at};

#[tokio::test]
async fn case_y14_both_questions_of_youtube_must_be_answered() {
    let publisher = Publisher::new().await;
    let render = publisher.seeded_render("requested");
    let mut body = Publisher::body(render, publisher.hours(72).await, json!({}));
    for answer in ["made_for_kids", "altered_content"] {
        body.as_object_mut().expect("a body").remove(answer);
    }
    let refused = publisher.user.api.post("/api/schedule", &body).await;
    assert_problem_at(&refused, 422, "answers_missing", "/made_for_kids");
    assert_problem_at(&refused, 422, "answers_missing", "/altered_content");
}

#[tokio::test]
async fn a_time_in_the_past_is_refused() {
    let publisher = Publisher::new().await;
    let render = publisher.seeded_render("requested");
    let past = json!({ "publish_at": publisher.hours(-1).await });
    let refused = publisher.request_upload(render, 72, past).await;
    assert_problem_at(&refused, 422, "publish_time_past", "/publish_at");
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named_and_nothing_is_kept() {
    let publisher = Publisher::new().await;
    let render = publisher.seeded_render("requested");
    for (members, field) in [
        (json!({ "title": "x".repeat(101) }), "title"),
        (json!({ "title": "a < b" }), "title"),
        (json!({ "title": " " }), "title"),
        (json!({ "description": "日".repeat(1667) }), "description"),
        (json!({ "tags": ["t".repeat(464)] }), "tags"),
        (json!({ "category_id": "film" }), "category_id"),
        (json!({ "category_id": "999" }), "category_id"),
        (json!({ "category_id": "30" }), "category_id"),
        (json!({ "language": "e" }), "language"),
        (json!({ "made_for_kids": "no" }), "made_for_kids"),
        (json!({ "publish_at": "tomorrow" }), "publish_at"),
        (json!({ "publish_at": null }), "publish_at"),
        (
            json!({ "publish_at": null, "local_time": "2030-01-01T25:00" }),
            "local_time",
        ),
        (
            json!({ "publish_at": null, "local_time": "2030-01-01T10:00Z" }),
            "local_time",
        ),
        (json!({ "local_time": "2030-01-01T10:00" }), "local_time"),
        (json!({ "time_zone": "Mars/Olympus" }), "time_zone"),
        (json!({ "render_id": "7" }), "render_id"),
    ] {
        let refused = publisher.request_upload(render, 72, members.clone()).await;
        assert_problem(&refused, 422, "invalid_body");
        let named = refused.to_string().contains(field);
        assert!(named, "{members} names {field}: {refused}");
    }
    let listed = publisher.user.api.get("/api/schedule").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
}

#[tokio::test]
async fn a_render_that_is_none_or_has_ended_without_a_file_is_refused() {
    let publisher = Publisher::new().await;
    let unknown = publisher
        .request_upload(Uuid::new_v4(), 72, json!({}))
        .await;
    assert_problem(&unknown, 404, "not_found");
    let cancelled = publisher.seeded_render("cancelled");
    let refused = publisher.request_upload(cancelled, 72, json!({})).await;
    assert_problem_at(&refused, 409, "invalid_state", "/render_id");
}

#[tokio::test]
async fn a_video_that_is_scheduled_already_is_refused() {
    let publisher = Publisher::new().await;
    let render = publisher.seeded_render("requested");
    publisher.schedule(render, 72).await;
    let refused = publisher.request_upload(render, 96, json!({})).await;
    assert_problem_at(&refused, 409, "duplicate_upload", "/render_id");
}

#[tokio::test]
async fn a_time_that_is_too_close_to_another_video_is_refused() {
    let publisher = Publisher::new().await;
    publisher.schedule_seeded(72).await;
    let other = publisher.seeded_render("requested");
    let refused = publisher.request_upload(other, 72, json!({})).await;
    assert_problem_at(&refused, 409, "slot_taken", "/publish_at");
}

#[tokio::test]
async fn a_title_that_was_used_lately_is_refused_however_it_is_written() {
    let publisher = Publisher::new().await;
    let first = publisher.seeded_render("requested");
    let title = json!({ "title": "Why I Quit!" });
    publisher.request_upload(first, 72, title).await.status(201);
    let other = publisher.seeded_render("requested");
    let again = json!({ "title": "why  i quit" });
    let refused = publisher.request_upload(other, 96, again).await;
    assert_problem_at(&refused, 409, "duplicate_title", "/title");
}
