//! Renders: every route, and what goes wrong at the render service.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    studio::{OVER, PATIENCE, Studio},
    support::{Answer, Stack, StandIn, assert_problem, assert_problem_at, until},
};

// ---------------------------------------------------------------------------------------------------- the good way --

#[tokio::test]
async fn an_approved_script_becomes_a_video() {
    let studio = Studio::open().await;
    let script = studio.script();
    let asked = studio.ask(&script).await.status(202);
    assert_eq!(
        asked.header("location"),
        Some(format!("/api/video/{}", asked.id()).as_str())
    );
    assert_eq!(asked.json["content_id"], script.id.to_string());
    assert_eq!(asked.json["cost"]["estimated_credits"], 10);
    assert_eq!(asked.json["cost"]["estimate_basis"], "provider");

    let ready = studio.follow(&asked.id(), OVER).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(ready.json["file"]["bytes"], 1_500_000);
    assert_eq!(ready.json["file"]["content_type"], "video/mp4");
    assert_eq!(ready.text("/file/sha256").len(), 64);
    assert_eq!(ready.json["cost"]["basis"], "reported");
    assert_eq!(ready.json["cost"]["credits_used"], 10);
    assert_eq!(ready.json["found_by"], "answer");
    assert_eq!(ready.json["error"], Value::Null);
    assert!(
        !ready.to_string().contains(&StandIn::Revid.url()),
        "where the file is stays private: {ready}"
    );

    let charged = script.charged().await;
    assert_eq!(charged.len(), 1);
    let sent = &charged[0]["request"];
    assert_eq!(sent["workflow"], "script-to-video");
    assert_eq!(
        sent["source"]["text"],
        format!(
            "Honey never spoils, {}.\nIt is dry.\nIt is sour.\nSubscribe.",
            script.mark
        )
    );
    assert_eq!(studio.counted(), 1);

    let listed = studio.user.api.get("/api/video").await.status(200);
    assert_eq!(listed.json["items"][0]["id"], ready.json["id"]);
    // The Data API shows it to the same people, and the private half to nobody.
    let rows = studio
        .user
        .rows("renders?select=id,state")
        .await
        .status(200);
    assert_eq!(rows.json.as_array().map(Vec::len), Some(1));
    assert!(studio.user.rows("render_jobs?select=file_url").await.status >= 400);
}

#[tokio::test]
async fn the_documented_dialect_and_odd_answers_end_well_too() {
    let studio = Studio::open().await;
    for knobs in [
        json!({ "dialect": "documented", "id_style": "prefixed", "unknown_status": "exporting" }),
        json!({ "ready_without_url_polls": 2, "not_found_polls": 2, "webhook": "never" }),
        json!({ "file": "no_length", "webhook": "failed" }),
    ] {
        let script = studio.script_with(knobs.clone()).await;
        let ready = studio.render_until(&script, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{knobs}: {ready}");
        assert_eq!(ready.json["file"]["bytes"], 1_500_000, "{knobs}");
        assert_eq!(script.charged().await.len(), 1, "{knobs}");
    }
}

#[tokio::test]
async fn an_estimate_costs_nothing() {
    let studio = Studio::open().await;
    let script = studio.script_with(json!({ "credits": 23 })).await;
    let body = json!({ "content_id": script.id });
    let estimate = studio
        .user
        .api
        .post("/api/video/estimate", &body)
        .await
        .status(200);
    assert_eq!(estimate.json["credits"], 23);
    assert_eq!(estimate.json["basis"], "provider");
    assert_eq!(estimate.json["affordable"], true);
    assert_eq!(estimate.json["allowance"]["renders_used"], 0);
    assert_eq!(estimate.json["words"], 11);

    let script = studio
        .script_with(json!({ "estimate_dialect": "garbage" }))
        .await;
    let body = json!({ "content_id": script.id });
    let estimate = studio
        .user
        .api
        .post("/api/video/estimate", &body)
        .await
        .status(200);
    assert_eq!(
        (&estimate.json["credits"], &estimate.json["basis"]),
        (&json!(50), &json!("worst_case"))
    );

    // A draft can be priced before it is approved.
    let draft = studio.content("script", "draft");
    studio
        .user
        .api
        .post("/api/video/estimate", &json!({ "content_id": draft.id }))
        .await
        .status(200);

    assert_eq!(studio.counted(), 0);
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn one_key_is_one_render() {
    let studio = Studio::open().await;
    let script = studio.script();
    let body = json!({ "content_id": script.id });
    let first = studio
        .user
        .api
        .post_once("/api/video/render", "key-1", &body)
        .await
        .status(202);
    let second = studio
        .user
        .api
        .post_once("/api/video/render", "key-1", &body)
        .await
        .status(202);
    assert_eq!(first.id(), second.id());
    let other = json!({ "content_id": script.id, "music": false });
    let reused = studio
        .user
        .api
        .post_once("/api/video/render", "key-1", &other)
        .await;
    assert_problem(&reused, 422, "idempotency_key_reused");
    studio.follow(&first.id(), OVER).await;
    assert_eq!(script.charged().await.len(), 1);
    assert_eq!(studio.counted(), 1);
}

#[tokio::test]
async fn a_running_script_is_not_rendered_twice() {
    let studio = Studio::open().await;
    let script = studio.script_with(json!({ "outcome": "stuck" })).await;
    let running = studio.render_until(&script, &["rendering"]).await;
    assert_problem_at(
        &studio.ask(&script).await,
        409,
        "render_in_progress",
        "/content_id",
    );
    let cancelled = studio
        .user
        .api
        .delete(&format!("/api/video/{}", running.id()))
        .await
        .status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    studio.ask(&script).await.status(202);
}

// --------------------------------------------------------------------------------------------- who may do what --

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let stack = Stack::from_env();
    let id = Uuid::new_v4();
    for (method, path) in [
        (Method::POST, "/api/video/estimate".to_owned()),
        (Method::POST, "/api/video/render".to_owned()),
        (Method::GET, "/api/video".to_owned()),
        (Method::GET, format!("/api/video/{id}")),
        (Method::DELETE, format!("/api/video/{id}")),
    ] {
        let answer = Answer::of(stack.anonymous().request(method.clone(), &path)).await;
        assert_problem(&answer, 401, "token_missing");
        let answer = Answer::of(stack.api(Some("nonsense")).request(method, &path)).await;
        assert_problem(&answer, 401, "token_invalid");
    }
}

#[tokio::test]
async fn a_foreign_render_looks_like_none() {
    let studio = Studio::open().await;
    let script = studio.script_with(json!({ "outcome": "stuck" })).await;
    let render = studio.ask(&script).await.status(202).id();
    let stranger = studio.stack.sign_up().await;
    let body = json!({ "content_id": script.id });
    for path in ["/api/video/estimate", "/api/video/render"] {
        assert_problem(&stranger.api.post(path, &body).await, 404, "not_found");
        assert_problem(
            &stranger
                .api
                .post(path, &json!({ "content_id": Uuid::new_v4() }))
                .await,
            404,
            "not_found",
        );
    }
    for id in [render.clone(), Uuid::new_v4().to_string()] {
        let path = format!("/api/video/{id}");
        for answer in [
            stranger.api.get(&path).await,
            stranger.api.delete(&path).await,
        ] {
            assert_problem(&answer, 404, "not_found");
            assert_eq!(answer.text("/detail"), "No such object.");
        }
    }
    assert_eq!(
        stranger.api.get("/api/video").await.status(200).json["items"],
        json!([])
    );
    assert_eq!(
        stranger.rows("renders?select=id").await.status(200).json,
        json!([])
    );

    // A viewer sees, and spends nothing.
    studio.join(&stranger, "viewer");
    stranger
        .api
        .get(&format!("/api/video/{render}"))
        .await
        .status(200);
    assert_problem(
        &stranger.api.delete(&format!("/api/video/{render}")).await,
        403,
        "role_too_low",
    );
    let other = studio.script();
    assert_problem(
        &stranger
            .api
            .post("/api/video/render", &json!({ "content_id": other.id }))
            .await,
        403,
        "role_too_low",
    );
    assert_eq!(studio.counted(), 1);
}

// ------------------------------------------------------------------------------------------------------ bad input --

#[tokio::test]
async fn bad_bodies_are_refused_where_they_are_bad() {
    let studio = Studio::open().await;
    let script = studio.script();
    let api = &studio.user.api;
    for path in ["/api/video/estimate", "/api/video/render"] {
        for (body, pointer) in [
            (json!({}), ""),
            (json!({ "content_id": 7 }), "/content_id"),
            (json!({ "content_id": "not-a-uuid" }), "/content_id"),
            (
                json!({ "content_id": script.id, "resolution": "4k" }),
                "/resolution",
            ),
            (
                json!({ "content_id": script.id, "footage": "veo3" }),
                "/footage",
            ),
            (
                json!({ "content_id": script.id, "music": "loud" }),
                "/music",
            ),
            (
                json!({ "content_id": script.id, "voice": "../x" }),
                "/voice",
            ),
            (
                json!({ "content_id": script.id, "voice": "v".repeat(65) }),
                "/voice",
            ),
            (
                json!({ "content_id": script.id, "language": "English" }),
                "/language",
            ),
            (json!({ "content_id": script.id, "credits": 1 }), "/credits"),
        ] {
            // Spending is limited to a few tries a minute, for each user.
            let fresh = studio.stack.sign_up().await;
            let answer = fresh.api.post(path, &body).await;
            assert_problem_at(&answer, 422, "invalid_body", pointer);
        }
        assert_problem(
            &api.post_raw(path, "application/json", "{").await,
            400,
            "invalid_json",
        );
        assert_problem(
            &api.post_raw(path, "application/json", [0xff, 0xfe]).await,
            400,
            "invalid_json",
        );
        assert_problem(
            &api.post_raw(path, "text/plain", "{}").await,
            415,
            "unsupported_media_type",
        );
        let huge = format!("{{\"content_id\":\"{}\"}}", "x".repeat(70_000));
        assert_problem(
            &api.post_raw(path, "application/json", huge).await,
            413,
            "body_too_large",
        );
    }
    let titles = studio.content("titles", "approved");
    assert_problem_at(
        &api.post("/api/video/estimate", &json!({ "content_id": titles.id }))
            .await,
        422,
        "invalid_body",
        "/content_id",
    );
    assert_eq!(studio.counted(), 0);
}

#[tokio::test]
async fn what_is_not_an_approved_script_is_not_rendered() {
    let studio = Studio::open().await;
    let titles = studio.content("titles", "approved");
    assert_problem_at(
        &studio.ask(&titles).await,
        422,
        "invalid_body",
        "/content_id",
    );
    for status in ["draft", "rejected"] {
        let script = studio.content("script", status);
        assert_problem_at(
            &studio.ask(&script).await,
            409,
            "approval_required",
            "/content_id",
        );
    }
    let costly = studio.script_with(json!({ "credits": 101 })).await;
    assert_problem(&studio.ask(&costly).await, 422, "render_too_costly");
    studio.stack.sql(&format!(
        "update public.users set plan = '{{\"renders_per_month\": 0}}' where id = '{}'",
        studio.user.id
    ));
    let refused = studio.ask(&studio.script()).await;
    assert_problem(&refused, 402, "budget_exhausted");
    assert_eq!(studio.counted(), 0);
}

#[tokio::test]
async fn bad_paths_and_queries_are_refused() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for id in ["x", "00000000", "%20", "0198c0de00007000800000000000000f"] {
        let path = format!("/api/video/{id}");
        assert_problem(&user.api.get(&path).await, 400, "invalid_id");
        assert_problem(&user.api.delete(&path).await, 400, "invalid_id");
    }
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=!!",
        "cursor=e30",
        "state=done",
        "channel_id=7",
        "page=2",
    ] {
        assert_problem(
            &user.api.get(&format!("/api/video?{query}")).await,
            400,
            "invalid_query",
        );
    }
    let answer = Answer::of(user.api.request(Method::PUT, "/api/video/render")).await;
    assert_problem(&answer, 405, "method_not_allowed");
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let studio = Studio::open().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(studio.ask(&studio.script()).await.status(202).id());
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = format!("/api/video?limit=2&channel_id={}", studio.channel);
    loop {
        let page = studio.user.api.get(&path).await.status(200);
        let items = page.json["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        seen.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        path = format!(
            "/api/video?limit=2&channel_id={}&cursor={cursor}",
            studio.channel
        );
    }
    assert_eq!(seen, made);
    let none = studio
        .user
        .api
        .get("/api/video?state=timed_out_unknown")
        .await
        .status(200);
    assert_eq!(none.json["items"], json!([]));
}

// ------------------------------------------------------------------------------------------------------ cancelling --

#[tokio::test]
async fn cancelled_before_it_was_sent_costs_nothing() {
    let studio = Studio::open().await;
    let script = studio.script();
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": script.mark, "when": "before", "status": 429, "times": 0,
            "headers": { "retry-after": "300" } }))
        .await;
    let asked = studio.ask(&script).await.status(202);
    let path = format!("/api/video/{}", asked.id());
    until("a refused submit", PATIENCE, async || {
        studio.stack.dispatch().await;
        let step = studio.stack.sql(&format!(
            "select reason from private.steps where subject_id = '{}'",
            asked.id()
        ));
        if step == "provider_asks_to_wait" {
            Ok(())
        } else {
            Err(step)
        }
    })
    .await;
    assert_eq!(studio.user.api.get(&path).await.json["state"], "requested");
    assert_eq!(studio.counted(), 1);

    let cancelled = studio.user.api.delete(&path).await.status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(cancelled.json["error"]["code"], "cancelled");
    assert_eq!(cancelled.json["cost"]["basis"], "none");
    assert_eq!(studio.counted(), 0);
    assert_eq!(
        studio.user.api.delete(&path).await.status(200).json,
        cancelled.json
    );
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn cancelled_after_it_was_sent_is_ignored_and_paid() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    let path = format!("/api/video/{}", running.id());
    let cancelled = studio.user.api.delete(&path).await.status(200);
    assert_eq!(cancelled.json["error"]["code"], "cancelled_after_submit");
    assert_eq!(cancelled.json["cost"]["basis"], "estimated");
    assert_eq!(studio.counted(), 1);
    // Its callback is taken and changes nothing.
    let callback = script.callback().await;
    studio
        .stack
        .anonymous()
        .post(&callback, &json!({ "status": "ready" }))
        .await
        .status(200);
    studio.stack.dispatch().await;
    assert_eq!(studio.user.api.get(&path).await.json["state"], "cancelled");
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let studio = Studio::open().await;
    let ready = studio.render_until(&studio.script(), OVER).await;
    let answer = studio
        .user
        .api
        .delete(&format!("/api/video/{}", ready.id()))
        .await;
    assert_problem(&answer, 409, "invalid_state");
}

// ----------------------------------------------------------------------------------------- faults of the service --

#[tokio::test]
async fn a_lost_answer_is_found_again_and_paid_once() {
    let studio = Studio::open().await;
    for fault in [
        json!({ "cut": true }),
        json!({ "status": 502, "body": "<html>bad gateway</html>" }),
        json!({ "status": 200, "body": { "success": 1 } }),
    ] {
        let script = studio.script_with(json!({ "webhook": "never" })).await;
        let mut armed = fault.clone();
        armed["operation"] = json!("render.submit");
        armed["body_contains"] = json!(script.mark);
        armed["when"] = json!("after");
        StandIn::Revid.fault(&armed).await;
        let ready = studio.render_until(&script, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{fault}: {ready}");
        assert_eq!(ready.json["found_by"], "listing", "{fault}");
        assert_eq!(script.charged().await.len(), 1, "{fault}");
    }
    assert_eq!(studio.counted(), 3);
}

#[tokio::test]
async fn a_lost_answer_without_a_listing_is_found_by_its_callback() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(json!({ "webhook": "before_answer" }))
        .await;
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": script.mark, "when": "after", "cut": true }))
        .await;
    let ready = studio.render_until(&script, OVER).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_blocks_until_a_person_decides() {
    let studio = Studio::open().await;
    let script = studio.script();
    // The connection is cut before the service has seen anything: from here that looks just the same.
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": script.mark, "when": "before", "cut": true, "times": 0 }))
        .await;
    let unknown = studio.render_until(&script, &["submit_unknown"]).await;
    assert_eq!(unknown.json["error"]["code"], "submit_unknown");
    assert_eq!(unknown.json["cost"]["basis"], "estimated");
    assert_problem(&studio.ask(&script).await, 409, "render_in_progress");
    for _ in 0..3 {
        studio.stack.dispatch().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let submits = StandIn::Revid.calls("?operation=render.submit").await;
    let ours = submits
        .iter()
        .filter(|call| call.to_string().contains(&script.mark))
        .count();
    assert!(ours <= 1, "one submit at most was sent: {ours}");
    assert!(script.charged().await.is_empty());
    let cancelled = studio
        .user
        .api
        .delete(&format!("/api/video/{}", unknown.id()))
        .await
        .status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
}

#[tokio::test]
async fn an_account_without_credits_charges_nothing() {
    let studio = Studio::open().await;
    for how in ["402", "403", "text"] {
        let script = studio
            .script_with(json!({ "balance": 0, "insufficient": how }))
            .await;
        let failed = studio.render_until(&script, OVER).await;
        assert_eq!(failed.json["state"], "failed", "{how}: {failed}");
        assert_eq!(
            failed.json["error"]["code"], "insufficient_credits",
            "{how}"
        );
        assert_eq!(failed.json["cost"]["basis"], "none", "{how}");
    }
    assert_eq!(studio.counted(), 0);
    let alerts = studio.stack.sql(
        "select count(*) > 0 from public.system_logs where event_type = 'render.provider_refused' and severity = 'critical'",
    );
    assert_eq!(alerts, "t");
}

#[tokio::test]
async fn a_refused_key_is_named() {
    let studio = Studio::open().await;
    for status in [401, 200] {
        let script = studio
            .script_with(json!({ "api_key": "another", "auth_error_status": status }))
            .await;
        let failed = studio.render_until(&script, OVER).await;
        assert_eq!(
            failed.json["error"]["code"], "provider_key_refused",
            "{failed}"
        );
    }
    assert_eq!(studio.counted(), 0);
}

#[tokio::test]
async fn each_failure_is_named_and_never_tried_again() {
    let studio = Studio::open().await;
    let mut renders = Vec::new();
    for (outcome, code) in [
        ("failed:scrape failed", "source_unreadable"),
        ("error:script too long", "script_too_long"),
        ("failed:voice unavailable", "voice_unavailable"),
        ("failed:NSFW content detected", "content_refused"),
        ("FAILED:media generation timed out", "media_timed_out"),
        ("error:Invalid media file", "invalid_media"),
        ("failed:something new", "render_failed"),
        ("CANCELED:stopped", "cancelled_at_provider"),
    ] {
        let script = studio
            .script_with(json!({ "outcome": outcome, "webhook": "never" }))
            .await;
        let asked = studio.ask(&script).await.status(202);
        renders.push((asked.id(), script, code));
    }
    for (id, script, code) in renders {
        let failed = studio.follow(&id, OVER).await;
        assert_eq!(
            (&failed.json["state"], &failed.json["error"]["code"]),
            (&json!("failed"), &json!(code)),
            "{failed}"
        );
        assert_eq!(
            failed.json["cost"]["basis"], "estimated",
            "it may have been charged"
        );
        assert!(!failed.text("/error/message").is_empty());
        assert_eq!(script.charged().await.len(), 1, "{code}");
    }
    assert_eq!(studio.counted(), 8);
}

#[tokio::test]
async fn a_file_that_is_no_video_is_refused() {
    let studio = Studio::open().await;
    for file in ["html", "expired"] {
        let script = studio
            .script_with(json!({ "file": file, "webhook": "never" }))
            .await;
        let failed = studio.render_until(&script, OVER).await;
        assert_eq!(
            failed.json["error"]["code"], "file_unusable",
            "{file}: {failed}"
        );
        assert_eq!(
            failed.json["cost"]["basis"], "reported",
            "{file}: it was paid"
        );
        assert_eq!(failed.json["file"], Value::Null);
    }
}

// ------------------------------------------------------------------------------------------------------ callbacks --

#[tokio::test]
async fn hostile_callbacks_have_no_effect() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    let path = format!("/api/video/{}", running.id());
    let callback = script.callback().await;
    let anonymous = studio.stack.anonymous();
    let pid = script.charged().await[0]["pid"].clone();

    // Anything that does not fit together is the same 404.
    let token = callback.rsplit('=').next().unwrap();
    for address in [
        "/api/webhooks/revid".to_owned(),
        format!("/api/webhooks/revid?render={}", running.id()),
        format!("/api/webhooks/revid?token={token}"),
        format!(
            "/api/webhooks/revid?render={}&token={}",
            Uuid::new_v4(),
            token
        ),
        format!(
            "/api/webhooks/revid?render={}&token={}",
            running.id(),
            "0".repeat(64)
        ),
        format!(
            "/api/webhooks/revid?render={}&token={}",
            running.id(),
            token.to_uppercase()
        ),
        format!("/api/webhooks/revid?render={}&token=", running.id()),
        format!("/api/webhooks/revid?render=%27%20or%201=1&token={token}"),
        format!(
            "/api/webhooks/revid?render={}&token={}",
            running.id(),
            "x".repeat(5000)
        ),
    ] {
        let answer = anonymous
            .post(&address, &json!({ "pid": pid, "status": "ready" }))
            .await;
        assert_problem(&answer, 404, "not_found");
    }
    assert_problem(
        &anonymous
            .post(&callback, &json!({ "pid": "AAAAAAAAAAAAAAAAAAAA" }))
            .await,
        404,
        "not_found",
    );
    let huge = format!("{{\"pid\":{pid},\"x\":\"{}\"}}", "x".repeat(70_000));
    assert_problem(
        &anonymous
            .post_raw(&callback, "application/json", huge)
            .await,
        413,
        "body_too_large",
    );
    assert_problem(&anonymous.get(&callback).await, 405, "method_not_allowed");

    // What comes from the right address makes us look, and look only.
    for body in [
        format!(
            "{{\"pid\":{pid},\"status\":\"ready\",\"videoUrl\":\"http://169.254.169.254/latest/meta-data/\"}}"
        ),
        format!("{{\"pid\":{pid},\"status\":\"failed\",\"error\":\"nsfw content detected\"}}"),
        "{}".to_owned(),
        "status=ready&done=true".to_owned(),
        String::new(),
        "[[[[".to_owned(),
    ] {
        anonymous
            .post_raw(&callback, "text/plain", body)
            .await
            .status(200);
        anonymous
            .post_raw(
                &format!("{callback}&utm=1"),
                "application/json",
                vec![0xff, 0x00],
            )
            .await
            .status(200);
    }
    studio.stack.dispatch().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let still = studio.user.api.get(&path).await;
    assert_eq!(still.json["state"], "rendering", "{still}");
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn callbacks_of_every_kind_leave_the_result_alone() {
    let studio = Studio::open().await;
    let mut renders = Vec::new();
    for kind in [
        "twice",
        "foreign_pid",
        "evil_url",
        "empty",
        "not_json",
        "huge",
        "failed",
    ] {
        let script = studio
            .script_with(json!({ "webhook": kind, "ready_after_real_ms": 1500 }))
            .await;
        renders.push((kind, studio.ask(&script).await.status(202).id(), script));
    }
    for (kind, id, script) in renders {
        let ready = studio.follow(&id, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{kind}: {ready}");
        assert_eq!(script.charged().await.len(), 1, "{kind}");
        // Replayed after the end: taken, without effect.
        let callback = script.callback().await;
        studio
            .stack
            .anonymous()
            .post(&callback, &json!({ "status": "failed" }))
            .await
            .status(200);
        assert_eq!(
            studio.user.api.get(&format!("/api/video/{id}")).await.json,
            ready.json,
            "{kind}"
        );
    }
}
