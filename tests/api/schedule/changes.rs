//! Moving, editing and cancelling.

use serde_json::{Value, json};

use crate::support::{Publisher, assert_problem, assert_problem_at};

#[tokio::test]
async fn an_upload_is_changed_only_by_who_has_seen_its_last_version() {
    let publisher = Publisher::new().await;
    let api = &publisher.user.api;
    let upload = publisher.schedule_seeded(72).await;
    let path = format!("/api/schedule/{}", upload.id());
    let read = api.get(&path).await.status(200);
    let etag = read.header("etag").expect("an ETag");
    let at = publisher.hours(100).await;
    let change = json!({ "publish_at": at, "title": "New" });
    let moved = api.patch_if(&path, etag, &change).await.status(200);
    assert_eq!(
        (&moved.json["publish_at"], &moved.json["title"]),
        (&json!(at.to_string()), &json!("New"))
    );
    let newer = json!({ "title": "Newer" });
    let stale = api.patch_if(&path, etag, &newer).await;
    assert_problem(&stale, 412, "version_mismatch");
}

#[tokio::test]
async fn a_change_that_is_wrong_is_refused() {
    let publisher = Publisher::new().await;
    let api = &publisher.user.api;
    let upload = publisher.schedule_seeded(72).await;
    let path = format!("/api/schedule/{}", upload.id());
    let refused = api.patch(&path, &json!({ "title": "a > b" })).await;
    assert_problem_at(&refused, 422, "invalid_body", "/title");
    for change in [
        json!({ "time_zone": "UTC" }),
        json!({ "state": "published" }),
    ] {
        let refused = api.patch(&path, &change).await;
        assert_problem(&refused, 422, "invalid_body");
    }
    let past = json!({ "publish_at": publisher.hours(-1).await });
    let refused = api.patch(&path, &past).await;
    assert_problem(&refused, 422, "publish_time_past");
    let refused = api.patch(&path, &json!({ "resume": true })).await;
    assert_problem(&refused, 409, "invalid_state");
}

#[tokio::test]
async fn a_cancelled_upload_stays_cancelled() {
    let publisher = Publisher::new().await;
    let api = &publisher.user.api;
    let upload = publisher.schedule_seeded(72).await;
    let path = format!("/api/schedule/{}", upload.id());
    let cancelled = api.cancel(&path).await;
    assert_eq!(
        (&cancelled.json["state"], &cancelled.json["reason"]),
        (&json!("cancelled"), &json!("cancelled_by_user"))
    );
    let late = api.patch(&path, &json!({ "title": "Late" })).await;
    assert_problem(&late, 409, "invalid_state");
    api.cancel(&path).await;
}

#[tokio::test]
async fn cancelled_after_the_upload_the_video_stays_private() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(72).await;
    let path = format!("/api/schedule/{}", there.id());
    let asked = publisher.user.api.delete(&path).await.status(202);
    assert_eq!(asked.header("location"), Some(path.as_str()));
    let cancelled = publisher.follow(&there.id(), &["cancelled"]).await;
    assert_eq!(cancelled.json["reason"], "kept_private");
    let video = publisher.only_video().await;
    assert_eq!(
        (&video["privacy"], &video["publish_at"]),
        (&json!("private"), &Value::Null)
    );
    // What the change did not mean is as it was.
    assert_eq!(
        (&video["embeddable"], &video["synthetic"]),
        (&json!(true), &json!(true))
    );
}
