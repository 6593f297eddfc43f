//! What happens to a render in the course of time.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    studio::Studio,
    support::{Answer, Stack, StandIn, assert_problem, until},
};

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

#[tokio::test]
async fn a_stuck_job_times_out_and_stays_counted() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    let stuck = studio.follow(&running.id(), &["timed_out_unknown"]).await;
    assert_eq!(stuck.json["error"]["code"], "timed_out_unknown");
    assert_eq!(stuck.json["cost"]["basis"], "estimated");
    assert_problem(&studio.ask(&script).await, 409, "render_in_progress");

    // Looked at once more, late, and then left to a person.
    studio.stack.advance(minutes(61)).await;
    until("the end of the step", minutes(1), async || {
        studio.stack.dispatch().await;
        let step = studio.stack.sql(&format!(
            "select state from private.steps where subject_id = '{}'",
            running.id()
        ));
        if step == "done" { Ok(()) } else { Err(step) }
    })
    .await;
    let path = format!("/api/video/{}", running.id());
    assert_eq!(
        studio.user.api.get(&path).await.json["state"],
        "timed_out_unknown"
    );
    let cancelled = studio.user.api.delete(&path).await.status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(studio.counted(), 1);
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_job_that_ends_after_the_time_out_is_still_delivered() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(
            json!({ "polls_per_state": 0, "ready_after_seconds": 3000, "webhook": "never" }),
        )
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    studio.follow(&running.id(), &["timed_out_unknown"]).await;
    studio.stack.advance(minutes(61)).await;
    let ready = studio
        .follow(&running.id(), &["ready", "failed", "cancelled"])
        .await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(ready.json["cost"]["credits_used"], 10);
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_callback_ends_a_timed_out_render() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(
            json!({ "polls_per_state": 0, "ready_after_seconds": 1500, "webhook": "never" }),
        )
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    studio.follow(&running.id(), &["timed_out_unknown"]).await;
    studio.stack.advance(minutes(5)).await;
    let callback = script.callback().await;
    studio
        .stack
        .anonymous()
        .post(&callback, &json!({}))
        .await
        .status(200);
    let ready = studio.follow(&running.id(), &["ready"]).await;
    assert_eq!(ready.json["error"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_submit_that_never_arrived_is_given_back() {
    let studio = Studio::open().await;
    let script = studio.script();
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": script.mark, "when": "before", "cut": true }))
        .await;
    let unknown = studio.render_until(&script, &["submit_unknown"]).await;
    studio.stack.advance(Duration::from_secs(90)).await;
    let failed = studio.follow(&unknown.id(), &["failed", "ready"]).await;
    assert_eq!(failed.json["error"]["code"], "submit_lost", "{failed}");
    assert_eq!(failed.json["cost"]["basis"], "none");
    assert_eq!(studio.counted(), 0);
    assert!(script.charged().await.is_empty());
    // A person asks again, and gets a video.
    let ready = studio.render_until(&script, &["ready", "failed"]).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(script.charged().await.len(), 1);
}

/// Wakes the dispatcher, whether or not there is one left to answer.
async fn wake(stack: &Stack) {
    let call = stack
        .anonymous()
        .request(Method::POST, "/api/cron/dispatch")
        .bearer_auth(&stack.cron_secret)
        .json(&json!({}));
    Answer::of(call).await;
}

#[tokio::test]
async fn killed_dispatchers_never_pay_twice_and_leave_nothing_behind() {
    const RENDERS: usize = 24;
    const KILLS: usize = 12;
    let studio = Studio::open().await;
    // An older job, so that the listing is seen to reach back beyond those of this test.
    studio.render_until(&studio.script(), &["ready"]).await;
    studio.stack.advance(Duration::from_secs(60)).await;
    let mut renders = Vec::new();
    for _ in 0..RENDERS {
        let script = studio.script_with(json!({ "webhook": "never" })).await;
        let text = studio.stack.sql(&format!(
            "select approved_hash from public.generated_content where id = '{}'",
            script.id
        ));
        let asked = studio
            .stack
            .engine(
                "request_render",
                &json!({
                    "p_user": studio.user.id, "p_idempotency": null, "p_content": script.id, "p_content_hash": text,
                    "p_request": {
                        "script": format!("Honey, {}.", script.mark), "aspect": "9:16", "language": "en", "footage": "stock-video",
                        "quality": "pro", "resolution": "1080p", "captions": "middle", "music": true,
                    },
                    "p_credits": 10, "p_estimate_basis": "provider",
                    "p_limits": { "renders_per_month": 1000, "credits_per_render": 100, "credits_per_day": 1_000_000 },
                }),
            )
            .await
            .ok();
        renders.push((asked.id(), script));
    }

    // Slow enough for some to be killed between the service's yes and our writing it down.
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": "Honey, mark", "when": "after", "delay_ms": 150, "times": 0 }))
        .await;

    let mut killed = 0;
    for round in 0..KILLS {
        wake(&studio.stack).await;
        tokio::time::sleep(Duration::from_millis(20 + 37 * (round as u64 % 7))).await;
        killed += studio.stack.kill_dispatchers();
        if round % 3 == 2 {
            // Leases end, and what was begun is taken over.
            studio.stack.jump(Duration::from_secs(61)).await;
        }
    }
    assert!(killed > 0, "dispatchers were killed");

    let unfinished = format!(
        "select count(*) from public.renders where channel_id = '{}' and state not in ('ready', 'failed')",
        studio.channel
    );
    until(
        "the end of every render",
        Duration::from_secs(90),
        async || {
            wake(&studio.stack).await;
            let left = studio.stack.sql(&unfinished);
            if left != "0" {
                studio.stack.jump(Duration::from_secs(20)).await;
            }
            if left == "0" { Ok(()) } else { Err(left) }
        },
    )
    .await;

    let (mut ready, mut lost) = (0, 0);
    for (id, script) in &renders {
        let render = studio
            .user
            .api
            .get(&format!("/api/video/{id}"))
            .await
            .status(200);
        let charged = script.charged().await.len();
        match render.json["state"].as_str() {
            Some("ready") => {
                assert_eq!(charged, 1, "{render}");
                ready += 1;
            }
            // Killed after the intent and before the submit: told to the user, never charged, never sent again.
            _ => {
                assert_eq!(render.json["error"]["code"], "submit_lost", "{render}");
                assert_eq!(
                    (charged, &render.json["cost"]["basis"]),
                    (0, &Value::from("none"))
                );
                lost += 1;
            }
        }
    }
    println!("{RENDERS} renders, {killed} kills: {ready} ready, {lost} given back, none twice");
    assert_eq!(studio.counted(), 1 + i64::from(ready));
}
