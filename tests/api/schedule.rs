//! Scheduling and publishing: every route, what is refused, and what goes wrong at YouTube.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    publisher::Publisher,
    support::{Stack, StandIn, assert_problem, assert_problem_at},
};

// ---------------------------------------------------------------------------------------------------- the good way --

#[tokio::test]
async fn a_render_is_on_youtube_ahead_of_its_time_exactly_once() {
    let publisher = Publisher::open().await;
    let film = publisher.film(1_500_000).await;
    let at = publisher.hours(72).await;
    let body = Publisher::body(
        film.render,
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
    assert_eq!(upload.header("etag"), Some("\"v1\""));
    assert_eq!(upload.json["state"], "scheduled");
    assert_eq!(upload.json["publish_at"], at.to_string());

    let there = publisher.reach(&upload.id(), "on_youtube").await;
    let world = publisher.world().await;
    let videos = publisher.videos().await;
    let video = Publisher::only(&videos);
    assert_eq!(there.json["youtube_video_id"], video["id"]);
    assert_eq!(there.json["bytes_sent"], film.bytes);
    assert_eq!(there.json["last_error"], Value::Null);
    assert_eq!(
        (&video["bytes"], &video["sha256"]),
        (&json!(film.bytes), &json!(film.sha256))
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
    let publisher = Publisher::open().await;
    publisher
        .knobs(json!({ "new_location_on_308": true, "final_status": 200 }))
        .await;
    let film = publisher.film(17 * 1024 * 1024 + 5).await;
    let upload = publisher.schedule(film.render, 72).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let world = publisher.world().await;
    assert_eq!(world["sessions"][0]["chunks"], 3, "{world}");
    let videos = publisher.videos().await;
    assert_eq!(Publisher::only(&videos)["sha256"], film.sha256);
}

#[tokio::test]
async fn an_upload_waits_for_its_render() {
    let publisher = Publisher::open().await;
    let upload = publisher.schedule(publisher.render_row("queued"), 72).await;
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

// --------------------------------------------------------------------------------------------------------- refusals --

#[tokio::test]
async fn what_must_not_be_published_is_refused_with_the_field() {
    let publisher = Publisher::open().await;
    let api = &publisher.user.api;
    let at = publisher.hours(72).await;
    let render = publisher.render_row("requested");
    let with = |more: Value| Publisher::body(render, at, more);

    let mut unanswered = with(json!({}));
    for answer in ["made_for_kids", "altered_content"] {
        unanswered.as_object_mut().expect("a body").remove(answer);
    }
    let refused = api.post("/api/schedule", &unanswered).await;
    assert_problem_at(&refused, 422, "answers_missing", "/made_for_kids");
    assert_problem_at(&refused, 422, "answers_missing", "/altered_content");

    let past = publisher.hours(-1).await;
    let refused = api
        .post("/api/schedule", &with(json!({ "publish_at": past })))
        .await;
    assert_problem_at(&refused, 422, "publish_time_past", "/publish_at");

    for (more, pointer) in [
        (json!({ "title": "x".repeat(101) }), "/title"),
        (json!({ "title": "a < b" }), "/title"),
        (json!({ "title": " " }), "/title"),
        (json!({ "title": 7 }), "/title"),
        (json!({ "description": "日".repeat(1667) }), "/description"),
        (json!({ "tags": ["t".repeat(464)] }), "/tags"),
        (json!({ "tags": "honey" }), "/tags"),
        (json!({ "category_id": "film" }), "/category_id"),
        (json!({ "language": "e" }), "/language"),
        (json!({ "made_for_kids": "no" }), "/made_for_kids"),
        (json!({ "publish_at": "tomorrow" }), "/publish_at"),
        (json!({ "publish_at": null }), "/publish_at"),
        (
            json!({ "publish_at": null, "local_time": "2030-01-01T25:00" }),
            "/local_time",
        ),
        (
            json!({ "publish_at": null, "local_time": "2030-01-01T10:00Z" }),
            "/local_time",
        ),
        (json!({ "local_time": "2030-01-01T10:00" }), "/local_time"),
        (json!({ "time_zone": "Mars/Olympus" }), "/time_zone"),
        (json!({ "render_id": "7" }), "/render_id"),
        (json!({ "colour": "red" }), "/colour"),
    ] {
        let refused = api.post("/api/schedule", &with(more.clone())).await;
        assert_eq!(refused.status, 422, "{more}: {refused}");
        let named = refused
            .to_string()
            .contains(pointer.trim_start_matches('/'));
        assert!(named, "{more} names {pointer}: {refused}");
    }
    assert_problem(
        &api.post_raw("/api/schedule", "application/json", *b"{\"title\": ")
            .await,
        400,
        "invalid_json",
    );
    assert_problem(
        &api.post_raw("/api/schedule", "application/json", [b'"', 0xff, b'"'])
            .await,
        400,
        "invalid_json",
    );
    assert_problem(
        &api.post_raw("/api/schedule", "text/plain", *b"{}").await,
        415,
        "unsupported_media_type",
    );
    let large = vec![b' '; 65 * 1024];
    assert_problem(
        &api.post_raw("/api/schedule", "application/json", large)
            .await,
        413,
        "body_too_large",
    );

    let unknown = api
        .post(
            "/api/schedule",
            &Publisher::body(Uuid::new_v4(), at, json!({})),
        )
        .await;
    assert_problem(&unknown, 404, "not_found");
    let no_file = publisher.render_row("cancelled");
    let refused = api
        .post("/api/schedule", &Publisher::body(no_file, at, json!({})))
        .await;
    assert_problem_at(&refused, 409, "invalid_state", "/render_id");

    let first = api
        .post("/api/schedule", &with(json!({ "title": "Why I Quit!" })))
        .await
        .status(201);
    let refused = api
        .post(
            "/api/schedule",
            &with(json!({ "publish_at": publisher.hours(96).await })),
        )
        .await;
    assert_problem_at(&refused, 409, "duplicate_upload", "/render_id");
    let other = publisher.render_row("requested");
    let refused = api
        .post("/api/schedule", &Publisher::body(other, at, json!({})))
        .await;
    assert_problem_at(&refused, 409, "slot_taken", "/publish_at");
    let again = json!({ "title": "why  i quit", "publish_at": publisher.hours(96).await });
    let refused = api
        .post("/api/schedule", &Publisher::body(other, at, again))
        .await;
    assert_problem_at(&refused, 409, "duplicate_title", "/title");

    // Nothing of all this was kept.
    let listed = api.get("/api/schedule").await.status(200);
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed.json["items"][0]["id"], first.json["id"]);
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let stack = Stack::from_env();
    let nobody = stack.anonymous();
    let id = Uuid::new_v4();
    for (method, path) in [
        (Method::GET, "/api/schedule".to_owned()),
        (Method::POST, "/api/schedule".to_owned()),
        (Method::GET, format!("/api/schedule/{id}")),
        (Method::PATCH, format!("/api/schedule/{id}")),
        (Method::DELETE, format!("/api/schedule/{id}")),
        (Method::GET, format!("/api/schedule/slots?channel_id={id}")),
        (Method::POST, "/api/schedule/calendar".to_owned()),
        (Method::DELETE, "/api/schedule/calendar".to_owned()),
    ] {
        let answer =
            crate::support::Answer::of(nobody.request(method.clone(), &path).json(&json!({})))
                .await;
        assert_problem(&answer, 401, "token_missing");
    }
}

#[tokio::test]
async fn others_find_nothing_and_viewers_change_nothing() {
    let publisher = Publisher::open().await;
    let upload = publisher
        .schedule(publisher.render_row("requested"), 72)
        .await;
    let path = format!("/api/schedule/{}", upload.id());
    let stranger = publisher.stack.sign_up().await;
    let absent = format!("/api/schedule/{}", Uuid::new_v4());
    for path in [&path, &absent] {
        assert_problem(&stranger.api.get(path).await, 404, "not_found");
        assert_problem(
            &stranger.api.patch(path, &json!({ "title": "Mine" })).await,
            404,
            "not_found",
        );
        assert_problem(&stranger.api.delete(path).await, 404, "not_found");
    }
    let body = Publisher::body(
        publisher.render_row("requested"),
        publisher.hours(96).await,
        json!({}),
    );
    assert_problem(
        &stranger.api.post("/api/schedule", &body).await,
        404,
        "not_found",
    );
    let slots = format!(
        "/api/schedule/slots?channel_id={}",
        publisher.account.channel()
    );
    assert_problem(&stranger.api.get(&slots).await, 404, "not_found");
    assert_eq!(
        stranger.api.get("/api/schedule").await.status(200).json["items"],
        json!([])
    );

    let viewer = publisher.stack.sign_up().await;
    publisher.join(&viewer, "viewer");
    viewer.api.get(&path).await.status(200);
    assert_problem(
        &viewer.api.patch(&path, &json!({ "title": "Mine" })).await,
        403,
        "role_too_low",
    );
    assert_problem(&viewer.api.delete(&path).await, 403, "role_too_low");
    assert_problem(
        &viewer.api.post("/api/schedule", &body).await,
        403,
        "role_too_low",
    );

    assert_problem(
        &stranger.api.get("/api/schedule/7").await,
        400,
        "invalid_id",
    );
    assert_problem(
        &stranger.api.get("/api/schedule?state=lost").await,
        400,
        "invalid_query",
    );
    assert_problem(
        &stranger.api.get("/api/schedule?limit=0").await,
        400,
        "invalid_query",
    );
    assert_problem(
        &stranger.api.get("/api/schedule?cursor=x").await,
        400,
        "invalid_query",
    );
    assert_problem(
        &stranger.api.get("/api/schedule/slots").await,
        400,
        "invalid_query",
    );
    assert_problem(
        &stranger.api.get(&format!("{slots}&count=51")).await,
        400,
        "invalid_query",
    );
    assert_problem(
        &stranger
            .api
            .patch(&absent, &json!({ "time_zone": "UTC" }))
            .await,
        422,
        "invalid_body",
    );
    assert_problem(
        &stranger
            .api
            .patch(&absent, &json!({ "state": "published" }))
            .await,
        422,
        "invalid_body",
    );
}

// ------------------------------------------------------------------------------------------------- calendar of a user --

#[tokio::test]
async fn local_times_are_understood_and_told_in_their_zone() {
    let publisher = Publisher::open().await;
    let api = &publisher.user.api;
    let body = |local: &str, zone: Value| {
        let mut body = Publisher::body(
            publisher.render_row("requested"),
            jiff::Timestamp::UNIX_EPOCH,
            json!({}),
        );
        body["publish_at"] = Value::Null;
        body["local_time"] = json!(local);
        body["time_zone"] = zone;
        body
    };
    for (local, instant, told) in [
        (
            "2027-03-12T09:00",
            "2027-03-12T14:00:00Z",
            "2027-03-12T09:00:00",
        ),
        (
            "2027-03-15T09:00",
            "2027-03-15T13:00:00Z",
            "2027-03-15T09:00:00",
        ),
        // The clocks skip it.
        (
            "2027-03-14T02:30",
            "2027-03-14T07:30:00Z",
            "2027-03-14T03:30:00",
        ),
        // The clocks show it twice.
        (
            "2027-11-07T01:30",
            "2027-11-07T05:30:00Z",
            "2027-11-07T01:30:00",
        ),
    ] {
        let upload = api
            .post("/api/schedule", &body(local, json!("America/New_York")))
            .await
            .status(201);
        assert_eq!(
            (upload.text("/publish_at"), upload.text("/local_time")),
            (instant.into(), told.into()),
            "{local}"
        );
        assert_eq!(upload.json["time_zone"], "America/New_York");
    }
    publisher.stack.sql(&format!(
        "update public.channels set time_zone = 'Europe/Berlin' where id = '{}'",
        publisher.account.channel()
    ));
    let upload = api
        .post("/api/schedule", &body("2027-01-10T09:00", Value::Null))
        .await
        .status(201);
    assert_eq!(upload.json["publish_at"], "2027-01-10T08:00:00Z");
    let path = format!("/api/schedule/{}", upload.id());
    let moved = api
        .patch(&path, &json!({ "local_time": "2027-07-10T09:00" }))
        .await
        .status(200);
    assert_eq!(moved.json["publish_at"], "2027-07-10T07:00:00Z");
}

#[tokio::test]
async fn free_slots_follow_the_channel_and_leave_out_what_is_taken() {
    let publisher = Publisher::open().await;
    let channel = publisher.account.channel();
    let path =
        format!("/api/schedule/slots?channel_id={channel}&count=3&after=2027-03-11T00:00:00Z");
    let usual = publisher.user.api.get(&path).await.status(200);
    assert_eq!(usual.json["basis"], "default");
    publisher.stack.sql(&format!(
        "update public.channels set time_zone = 'America/New_York', posting_slots = '[{{\"weekday\": 5, \"time\": \"09:00\"}}, {{\"weekday\": 1, \"time\": \"09:00\"}}]'
         where id = '{channel}'"
    ));
    let free = publisher.user.api.get(&path).await.status(200);
    assert_eq!(free.json["basis"], "channel");
    let instants = |free: &crate::support::Answer| -> Vec<String> {
        let slots = free.json["slots"].as_array().cloned().unwrap_or_default();
        slots
            .iter()
            .filter_map(|slot| slot["publish_at"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(
        instants(&free),
        [
            "2027-03-12T14:00:00Z",
            "2027-03-15T13:00:00Z",
            "2027-03-19T13:00:00Z"
        ]
    );
    assert_eq!(free.json["slots"][1]["local_time"], "2027-03-15T09:00:00");

    let body = Publisher::body(
        publisher.render_row("requested"),
        "2027-03-15T13:30:00Z".parse().expect("a time"),
        json!({}),
    );
    publisher
        .user
        .api
        .post("/api/schedule", &body)
        .await
        .status(201);
    let free = publisher.user.api.get(&path).await.status(200);
    assert_eq!(
        instants(&free),
        [
            "2027-03-12T14:00:00Z",
            "2027-03-19T13:00:00Z",
            "2027-03-22T13:00:00Z"
        ]
    );
}

#[tokio::test]
async fn a_calendar_program_reads_the_calendar_under_its_secret_alone() {
    let publisher = Publisher::open().await;
    let upload = publisher
        .schedule(publisher.render_row("requested"), 72)
        .await;
    let api = &publisher.user.api;
    let path = |answer: &crate::support::Answer| {
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
    assert_problem(
        &api.post("/api/schedule/calendar", &json!({ "x": 1 })).await,
        422,
        "invalid_body",
    );
}

#[tokio::test]
async fn lists_are_paged_by_time_and_narrowed() {
    let publisher = Publisher::open().await;
    let mut ids = Vec::new();
    for hours in [96, 72, 120] {
        ids.push(
            publisher
                .schedule(publisher.render_row("requested"), hours)
                .await
                .id(),
        );
    }
    let api = &publisher.user.api;
    let page = api.get("/api/schedule?limit=2").await.status(200);
    let shown = |page: &crate::support::Answer| -> Vec<String> {
        let items = page.json["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item["id"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(shown(&page), [ids[1].clone(), ids[0].clone()]);
    let rest = api
        .get(&format!(
            "/api/schedule?limit=2&cursor={}",
            page.text("/next_cursor")
        ))
        .await
        .status(200);
    assert_eq!(shown(&rest), [ids[2].clone()]);
    assert_eq!(rest.json["next_cursor"], Value::Null);
    let (from, to) = (publisher.hours(80).await, publisher.hours(100).await);
    let range = api
        .get(&format!(
            "/api/schedule?from={from}&to={to}&channel_id={}",
            publisher.account.channel()
        ))
        .await;
    assert_eq!(shown(&range.status(200)), [ids[0].clone()]);
}

#[tokio::test]
async fn the_same_request_twice_is_one_upload() {
    let publisher = Publisher::open().await;
    let api = &publisher.user.api;
    let body = Publisher::body(
        publisher.render_row("requested"),
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
async fn an_upload_is_moved_and_edited_by_who_has_seen_it_last() {
    let publisher = Publisher::open().await;
    let api = &publisher.user.api;
    let upload = publisher
        .schedule(publisher.render_row("requested"), 72)
        .await;
    let path = format!("/api/schedule/{}", upload.id());
    let etag = api
        .get(&path)
        .await
        .status(200)
        .header("etag")
        .expect("an ETag")
        .to_owned();
    let at = publisher.hours(100).await;
    let moved = api
        .patch_if(&path, &etag, &json!({ "publish_at": at, "title": "New" }))
        .await
        .status(200);
    assert_eq!(
        (&moved.json["publish_at"], &moved.json["title"]),
        (&json!(at.to_string()), &json!("New"))
    );
    assert_problem(
        &api.patch_if(&path, &etag, &json!({ "title": "Newer" }))
            .await,
        412,
        "version_mismatch",
    );
    assert_problem_at(
        &api.patch(&path, &json!({ "title": "a > b" })).await,
        422,
        "invalid_body",
        "/title",
    );
    let past = publisher.hours(-1).await;
    assert_problem(
        &api.patch(&path, &json!({ "publish_at": past })).await,
        422,
        "publish_time_past",
    );
    assert_problem(
        &api.patch(&path, &json!({ "resume": true })).await,
        409,
        "invalid_state",
    );

    let cancelled = api.delete(&path).await.status(200);
    assert_eq!(
        (&cancelled.json["state"], &cancelled.json["reason"]),
        (&json!("cancelled"), &json!("cancelled_by_user"))
    );
    assert_problem(
        &api.patch(&path, &json!({ "title": "Late" })).await,
        409,
        "invalid_state",
    );
    api.delete(&path).await.status(200);
}

#[tokio::test]
async fn cancelled_after_the_upload_the_video_stays_private() {
    let publisher = Publisher::open().await;
    let there = publisher.on_youtube(72).await;
    let path = format!("/api/schedule/{}", there.id());
    let asked = publisher.user.api.delete(&path).await.status(200);
    assert_eq!(asked.json["cancelling"], true);
    let cancelled = publisher.follow(&there.id(), &["cancelled"]).await;
    assert_eq!(cancelled.json["reason"], "kept_private");
    let videos = publisher.videos().await;
    let video = Publisher::only(&videos);
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

// ------------------------------------------------------------------------------------------- what goes wrong at YouTube --

#[tokio::test]
async fn a_connection_cut_after_the_last_byte_makes_no_second_video() {
    let publisher = Publisher::open().await;
    let film = publisher.film(900_000).await;
    publisher
        .fault(json!({ "operation": "upload.final", "when": "after", "cut": true }))
        .await;
    let upload = publisher.schedule(film.render, 72).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    Publisher::only(&publisher.videos().await);
    assert_eq!(
        publisher.world().await["sessions"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_session_forgotten_after_the_last_byte_is_reconciled_with_the_channel() {
    let publisher = Publisher::open().await;
    publisher
        .knobs(json!({ "forget_completed_sessions": true }))
        .await;
    let film = publisher.film(900_000).await;
    publisher
        .fault(json!({ "operation": "upload.final", "when": "after", "cut": true }))
        .await;
    let upload = publisher.schedule(film.render, 72).await;
    let there = publisher.reach(&upload.id(), "on_youtube").await;
    let videos = publisher.videos().await;
    assert_eq!(
        there.json["youtube_video_id"],
        Publisher::only(&videos)["id"]
    );
}

#[tokio::test]
async fn faults_that_pass_are_waited_out_at_the_byte() {
    let publisher = Publisher::open().await;
    let film = publisher.film(17 * 1024 * 1024).await;
    for fault in [
        json!({ "operation": "upload.start", "status": 503 }),
        json!({ "operation": "upload.chunk", "nth": 1, "after_bytes": 3_000_000, "cut": true }),
        json!({ "operation": "upload.chunk", "nth": 3, "status": 502 }),
        json!({ "operation": "upload.status", "nth": 2, "status": 500 }),
        json!({ "operation": "upload.chunk", "nth": 4, "status": 401 }),
        json!({ "operation": "videos.list", "status": 503 }),
    ] {
        publisher.fault(fault).await;
    }
    let upload = publisher.schedule(film.render, 72).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let videos = publisher.videos().await;
    assert_eq!(Publisher::only(&videos)["sha256"], film.sha256);
}

#[tokio::test]
async fn a_revoked_grant_names_itself_and_a_new_consent_goes_on() {
    let publisher = Publisher::open().await;
    let there = publisher.on_youtube(72).await;
    publisher.account.revoke().await;
    let path = format!("/api/schedule/{}", there.id());
    let at = publisher.hours(90).await;
    publisher
        .user
        .api
        .patch(&path, &json!({ "publish_at": at }))
        .await
        .status(200);
    let stopped = publisher.follow(&there.id(), &["needs_attention"]).await;
    assert_eq!(stopped.json["reason"], "grant_revoked");
    assert!(
        stopped
            .text("/next_action")
            .contains("Connect the channel again")
    );
    publisher.user.connect(publisher.account.clone()).await;
    publisher.follow(&there.id(), &["on_youtube"]).await;
    let videos = publisher.videos().await;
    assert_eq!(Publisher::only(&videos)["publish_at"], at.to_string());
}

#[tokio::test]
async fn the_channels_own_limit_is_waited_for() {
    let publisher = Publisher::open().await;
    publisher.knobs(json!({ "channel_upload_limit": 0 })).await;
    let film = publisher.film(600_000).await;
    let upload = publisher.schedule(film.render, 72).await;
    let waiting = publisher
        .follow_field(&upload.id(), "/reason", &["channel_upload_limit"])
        .await;
    assert_eq!(waiting.json["state"], "scheduled");
    let next: jiff::Timestamp = waiting.text("/next_attempt_at").parse().expect("a time");
    let hours = next.duration_since(publisher.stack.now().await).as_hours();
    assert!((23..=24).contains(&hours), "{waiting}");
    let attempts = publisher.stack.sql(&format!(
        "select attempts from private.steps where kind = 'upload.advance' and subject_id = '{}'",
        upload.id()
    ));
    assert_eq!(attempts, "0", "waiting is no attempt");
}

#[tokio::test]
async fn refused_metadata_is_for_the_user_to_change() {
    let publisher = Publisher::open().await;
    let film = publisher.film(600_000).await;
    publisher
        .fault(json!({
            "operation": "upload.start", "status": 400,
            "body": { "error": { "code": 400, "errors": [{ "domain": "youtube.video", "reason": "invalidTitle" }] } },
        }))
        .await;
    let upload = publisher.schedule(film.render, 72).await;
    let stopped = publisher.reach(&upload.id(), "needs_attention").await;
    assert_eq!(
        (&stopped.json["reason"], &stopped.json["last_error"]["code"]),
        (&json!("metadata_rejected"), &json!("invalidTitle"))
    );
    let path = format!("/api/schedule/{}", upload.id());
    publisher
        .user
        .api
        .patch(&path, &json!({ "title": "A better title", "resume": true }))
        .await
        .status(200);
    publisher.follow(&upload.id(), &["on_youtube"]).await;
    let videos = publisher.videos().await;
    assert_eq!(Publisher::only(&videos)["title"], "A better title");
}

#[tokio::test]
async fn a_video_that_youtube_does_not_take_has_failed_with_its_word() {
    for (outcome, reason, code) in [
        ("failed:codec", "processing_failed", "codec"),
        ("rejected:duplicate", "rejected_by_youtube", "duplicate"),
    ] {
        let publisher = Publisher::open().await;
        publisher
            .knobs(json!({ "processing_outcome": outcome, "processing_polls": 0 }))
            .await;
        let film = publisher.film(600_000).await;
        let upload = publisher.schedule(film.render, 72).await;
        let failed = publisher.reach(&upload.id(), "failed").await;
        assert_eq!(
            (&failed.json["reason"], &failed.json["last_error"]["code"]),
            (&json!(reason), &json!(code)),
            "{failed}"
        );
        assert!(failed.text("/next_action").ends_with('.'));
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_set_never_touches_the_upload() {
    for (knobs, thumbnail) in [
        (json!({}), "set"),
        (json!({ "thumbnails": "forbidden" }), "failed"),
    ] {
        let publisher = Publisher::open().await;
        publisher.knobs(knobs).await;
        let film = publisher.film(600_000).await;
        publisher.stack.sql(&format!(
            "update public.renders set thumbnail_url = '{}/t/' || provider_job_id || '.jpg' where id = '{}'",
            StandIn::Revid.url(),
            film.render
        ));
        let body = Publisher::body(
            film.render,
            publisher.hours(72).await,
            json!({ "thumbnail": true }),
        );
        let upload = publisher
            .user
            .api
            .post("/api/schedule", &body)
            .await
            .status(201);
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
        let videos = publisher.videos().await;
        assert_eq!(
            Publisher::only(&videos)["thumbnail_bytes"].is_null(),
            thumbnail == "failed"
        );
    }
}
