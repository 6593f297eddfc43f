//! From a render to a private video on YouTube, ahead of its time.

use serde_json::{Value, json};

use crate::support::{Publisher, StandIn, assert_problem};

#[tokio::test]
async fn a_render_is_on_youtube_ahead_of_its_time_exactly_once() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(1_500_000).await;
    let at = publisher.hours(72).await;
    let body = Publisher::body(
        rendered.render,
        at,
        json!({ "notify_subscribers": false, "language": "en" }),
    );
    let upload = publisher
        .user
        .api
        .post("/api/schedule", &body)
        .await
        .status(201);
    assert_eq!(
        upload.header("location"),
        Some(format!("/api/schedule/{}", upload.id()).as_str())
    );
    assert_eq!(upload.version(), Some(1));
    assert_eq!(upload.json["state"], "scheduled");
    assert_eq!(upload.json["publish_at"], at.to_string());

    let there = publisher.reach(&upload.id(), "on_youtube").await;
    let world = publisher.world().await;
    let video = publisher.only_video().await;
    assert_eq!(there.json["youtube_video_id"], video["id"]);
    assert_eq!(there.json["bytes_sent"], rendered.bytes);
    assert_eq!(there.json["last_error"], Value::Null);
    assert_eq!(
        (&video["bytes"], &video["sha256"]),
        (&json!(rendered.bytes), &json!(rendered.sha256))
    );
    assert_eq!(
        (&video["privacy"], &video["publish_at"]),
        (&json!("private"), &json!(at.to_string()))
    );
    assert_eq!(
        (&video["made_for_kids"], &video["synthetic"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&video["notify_subscribers"], &video["embeddable"]),
        (&json!(false), &json!(true))
    );
    let marker = format!("cce-{}", upload.id().replace('-', ""));
    assert_eq!(video["tags"], json!(["honey", "food facts", marker]));
    assert_eq!(world["sessions"].as_array().map(Vec::len), Some(1));
    // The session's address is a secret: it is encrypted while it is needed, and gone afterwards.
    let kept = publisher.stack.sql(&format!(
        "select count(*) from private.upload_sessions where upload_id = '{}' and session_uri is not null",
        upload.id()
    ));
    assert_eq!(kept, "0");

    let listed = publisher
        .user
        .api
        .get("/api/schedule?state=on_youtube")
        .await
        .status(200);
    assert_eq!(listed.json["items"][0]["id"], upload.json["id"]);
    let rows = publisher
        .user
        .rows("scheduled_uploads?select=id,state")
        .await
        .status(200);
    assert_eq!(rows.json[0]["state"], "on_youtube");
}

#[tokio::test]
async fn a_file_larger_than_a_piece_is_sent_piece_by_piece() {
    let publisher = Publisher::new().await;
    publisher
        .knobs(json!({ "new_location_on_308": true, "final_status": 200 }))
        .await;
    let (rendered, upload) = publisher
        .render_and_schedule(17 * 1024 * 1024 + 5, 72)
        .await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let world = publisher.world().await;
    assert_eq!(world["sessions"][0]["chunks"], 3, "{world}");
    assert_eq!(publisher.only_video().await["sha256"], rendered.sha256);
}

#[tokio::test]
async fn a_video_goes_out_from_our_copy_when_the_render_service_has_its_file_no_more() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(600_000).await;
    let of = format!("where render_id = '{}'", rendered.render);
    let copied = format!("select copied_at is not null from private.render_jobs {of}");
    publisher.stack.until_sql("our copy", &copied, "t").await;
    let job = publisher.stack.sql(&format!(
        "select provider_job_id from public.renders where id = '{}'",
        rendered.render
    ));
    let gone = json!({ "path": format!("/v/{job}.mp4"), "status": 403, "times": 0 });
    let gone = StandIn::Revid.fault(&gone).await;
    let upload = publisher.schedule(rendered.render, 72).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let video = publisher.only_video().await;
    assert_eq!(
        (&video["bytes"], &video["sha256"]),
        (&json!(rendered.bytes), &json!(rendered.sha256))
    );
    assert_eq!(StandIn::Revid.hits(gone).await, 0, "it was not asked");
}

#[tokio::test]
async fn an_upload_waits_for_its_render() {
    let publisher = Publisher::new().await;
    let upload = publisher
        .schedule(publisher.seeded_render("queued"), 72)
        .await;
    let waiting = publisher
        .follow_field(&upload.id(), "/reason", &["render_running"])
        .await;
    assert_eq!(waiting.json["state"], "scheduled");
    assert!(waiting.text("/explanation").ends_with('.'));
    let render = upload.text("/render_id");
    publisher.stack.sql(&format!(
        "update public.renders set state = 'failed', error = '{{}}' where id = '{render}'"
    ));
    let stopped = publisher.reach(&upload.id(), "needs_attention").await;
    assert_eq!(stopped.json["reason"], "render_failed");
    assert!(
        stopped
            .text("/next_action")
            .contains("Render the script again")
    );
}

#[tokio::test]
async fn the_same_request_twice_is_one_upload() {
    let publisher = Publisher::new().await;
    let api = &publisher.user.api;
    let body = Publisher::body(
        publisher.seeded_render("requested"),
        publisher.hours(72).await,
        json!({}),
    );
    let first = api
        .post_once("/api/schedule", "once", &body)
        .await
        .status(201);
    let second = api
        .post_once("/api/schedule", "once", &body)
        .await
        .status(201);
    assert_eq!(first.json, second.json);
    let mut other = body;
    other["title"] = json!("Another title");
    assert_problem(
        &api.post_once("/api/schedule", "once", &other).await,
        422,
        "idempotency_key_reused",
    );
}

#[tokio::test]
async fn case_y15_a_seeded_thumbnail_that_cannot_be_set_never_fails_the_upload() {
    for (knobs, thumbnail) in [
        (json!({}), "set"),
        (json!({ "thumbnails": "forbidden" }), "failed"),
    ] {
        let publisher = Publisher::new().await;
        publisher.knobs(knobs).await;
        let rendered = publisher.render(600_000).await;
        publisher.stack.sql(&format!(
            "update public.renders set thumbnail_url = '{}/t/' || provider_job_id || '.jpg' where id = '{}'",
            StandIn::Revid.url(),
            rendered.render
        ));
        let wish = json!({ "thumbnail": true });
        let upload = publisher.request_upload(rendered.render, 72, wish).await;
        let upload = upload.status(201);
        assert_eq!(upload.json["thumbnail"], "wanted");
        let after = publisher
            .follow_field(&upload.id(), "/thumbnail", &["set", "failed"])
            .await;
        assert_eq!(
            (&after.json["thumbnail"], &after.json["state"]),
            (&json!(thumbnail), &json!("on_youtube")),
            "{after}"
        );
        assert_eq!(
            after.json["thumbnail_error"].is_null(),
            thumbnail == "set",
            "{after}"
        );
        let said = after.json["thumbnail_error"].to_string();
        assert_eq!(
            said.contains("verify its phone number"),
            thumbnail == "failed",
            "{after}"
        );
        assert_eq!(
            publisher.only_video().await["thumbnail_bytes"].is_null(),
            thumbnail == "failed"
        );
    }
}

#[tokio::test]
async fn case_y14_both_answers_reach_youtube_as_they_were_given() {
    for (made_for_kids, altered_content) in
        [(false, false), (false, true), (true, false), (true, true)]
    {
        let publisher = Publisher::new().await;
        let rendered = publisher.render(600_000).await;
        let answers = json!({ "made_for_kids": made_for_kids, "altered_content": altered_content });
        let upload = publisher.request_upload(rendered.render, 72, answers).await;
        publisher.reach(&upload.id(), "on_youtube").await;
        let video = publisher.only_video().await;
        assert_eq!(
            (&video["made_for_kids"], &video["synthetic"]),
            (&json!(made_for_kids), &json!(altered_content)),
            "{video}"
        );
    }
}
