//! What happens to a render in the course of time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Answer, OVER, PATIENCE, Script, SeededChannel, StandIn, assert_problem, until,
};

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

#[tokio::test]
async fn a_stuck_job_times_out_and_stays_counted() {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = seeded.render_until(&script, &["rendering"]).await;
    seeded.stack.advance(minutes(21)).await;
    let stuck = seeded
        .follow_render(&running.id(), &["timed_out_unknown"])
        .await;
    assert_eq!(stuck.json["error"]["code"], "timed_out_unknown");
    assert_eq!(stuck.json["cost"]["basis"], "estimated");
    assert_problem(
        &seeded.request_render(&script).await,
        409,
        "render_in_progress",
    );

    // Looked at once more, late, and then left to a person.
    seeded.stack.advance(minutes(61)).await;
    let step = format!(
        "select state from private.steps where subject_id = '{}'",
        running.id()
    );
    seeded
        .stack
        .until_sql("the end of the step", &step, "done")
        .await;
    let path = format!("/api/video/{}", running.id());
    assert_eq!(
        seeded.user.api.get(&path).await.json["state"],
        "timed_out_unknown"
    );
    let cancelled = seeded.user.api.cancel(&path).await;
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(seeded.usage("renders"), 1);
    assert_eq!(script.charged().await.len(), 1);
}

/// A render that has timed out and whose job is ready so many seconds after its submit, with its script.
async fn timed_out(seeded: &SeededChannel, ready_after: u64) -> (Script, Answer) {
    let knobs =
        json!({ "polls_per_state": 0, "ready_after_seconds": ready_after, "webhook": "never" });
    let script = seeded.seeded_script_with(knobs).await;
    let running = seeded.render_until(&script, &["rendering"]).await;
    seeded.stack.advance(minutes(21)).await;
    let states = ["timed_out_unknown"];
    let render = seeded.follow_render(&running.id(), &states).await;
    (script, render)
}

#[tokio::test]
async fn a_job_that_ends_after_the_time_out_is_still_delivered() {
    let seeded = SeededChannel::new().await;
    let (script, render) = timed_out(&seeded, 3000).await;
    seeded.stack.advance(minutes(61)).await;
    let ready = seeded.follow_render(&render.id(), OVER).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(ready.json["cost"]["credits_used"], 10);
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_callback_ends_a_timed_out_render() {
    let seeded = SeededChannel::new().await;
    let (script, render) = timed_out(&seeded, 1500).await;
    seeded.stack.advance(minutes(5)).await;
    let callback = script.callback().await;
    let anonymous = seeded.stack.anonymous();
    anonymous.post(&callback, &json!({})).await.status(200);
    let ready = seeded.follow_render(&render.id(), &["ready"]).await;
    assert_eq!(ready.json["error"], Value::Null);
}

#[tokio::test]
async fn a_submit_that_never_arrived_is_not_paid() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    script
        .fault(json!({ "operation": "render.submit", "when": "before", "cut": true }))
        .await;
    let unknown = seeded.render_until(&script, &["submit_unknown"]).await;
    seeded.stack.advance(Duration::from_secs(90)).await;
    let failed = seeded
        .follow_render(&unknown.id(), &["failed", "ready"])
        .await;
    assert_eq!(failed.json["error"]["code"], "submit_lost", "{failed}");
    assert_eq!(failed.json["cost"]["basis"], "none");
    assert_eq!(seeded.usage("renders"), 0);
    assert!(script.charged().await.is_empty());
    // A person asks again, and gets a video.
    let ready = seeded.render_until(&script, &["ready", "failed"]).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_job_that_only_its_time_names_waits_for_a_look_and_one_of_an_erased_render_is_never_taken()
 {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "webhook": "never" }))
        .await;
    let lost = json!({ "operation": "render.submit", "when": "after", "cut": true });
    script.fault(lost).await;
    let silent = json!({ "operation": "projects.list", "status": 503, "times": 0 });
    let silent = StandIn::Revid.fault_until_dropped(&silent).await;
    let unknown = seeded.render_until(&script, &["submit_unknown"]).await;
    let job = script.charged().await[0]["pid"].clone();
    // A listing as it may be, too: without the callbacks' addresses.
    let bare = json!({ "success": 1, "projects": [
        { "pid": "older", "createdAt": "2026-01-01T00:00:00Z" },
        { "pid": job, "createdAt": unknown.json["submitted_at"] },
    ] });
    let bare = json!({ "operation": "projects.list", "status": 200, "times": 0, "body": bare });
    let _bare = StandIn::Revid.fault_until_dropped(&bare).await;
    drop(silent);

    // The job of a render that was erased is nobody else's.
    let hash = format!("private.job_hash('{}')", job.as_str().expect("an id"));
    let buried = seeded.stack.changed(
        &format!("insert into private.render_tombstones (job_hash) values ({hash})"),
        format!("delete from private.render_tombstones where job_hash = {hash}"),
    );
    seeded.stack.advance(Duration::from_secs(12)).await;
    seeded.stack.run_step("render.advance", &unknown.id()).await;
    let path = format!("/api/video/{}", unknown.id());
    assert_eq!(
        seeded.user.api.get(&path).await.json["state"],
        "submit_unknown"
    );
    drop(buried);

    let ready = seeded.follow_render(&unknown.id(), OVER).await;
    assert_eq!(
        (
            &ready.json["state"],
            &ready.json["found_by"],
            &ready.json["confirmation"]
        ),
        (&json!("ready"), &json!("listing_time"), &json!("needed")),
        "{ready}"
    );
}

#[tokio::test]
async fn killed_dispatchers_never_pay_twice_and_leave_nothing_behind() {
    const RENDERS: usize = 24;
    const KILLS: usize = 12;
    let seeded = SeededChannel::new().await;
    // An older job, so that the listing is seen to reach back beyond those of this test.
    seeded
        .render_until(&seeded.seeded_script(), &["ready"])
        .await;
    seeded.stack.advance(Duration::from_secs(60)).await;
    let mut renders = Vec::new();
    for _ in 0..RENDERS {
        let script = seeded
            .seeded_script_with(json!({ "webhook": "never" }))
            .await;
        let text = seeded.stack.sql(&format!(
            "select approved_hash from public.generated_content where id = '{}'",
            script.id
        ));
        let asked = seeded
            .stack
            .engine(
                "request_render",
                &json!({
                    "p_user": seeded.user.id, "p_idempotency": null, "p_content": script.id, "p_content_hash": text,
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
    let slow = json!({ "operation": "render.submit", "body_contains": "Honey, mark", "when": "after", "delay_ms": 150, "times": 0 });
    let slow = StandIn::Revid.fault(&slow).await;
    let submitted = async || StandIn::Revid.hits(slow).await.to_string();
    let written_down = async || {
        seeded.stack.sql(&format!(
            "select count(*) from public.renders where channel_id = '{}' and provider_job_id is not null",
            seeded.channel
        ))
    };
    let claimed = async || {
        seeded.stack.sql(&format!(
            "select sum(fence) from private.steps where channel_id = '{}'",
            seeded.channel
        ))
    };

    let unfinished = format!(
        "select count(*) from public.renders where channel_id = '{}' and state not in ('ready', 'failed')",
        seeded.channel
    );

    let mut killed = 0;
    for round in 0..KILLS {
        // Killed as soon as a step is claimed, as soon as a submit has reached the service, as soon as one is written down.
        let progress = async || match round % 3 {
            0 => claimed().await,
            1 => submitted().await,
            _ => written_down().await,
        };
        let before = progress().await;
        until("some progress", PATIENCE, async || {
            seeded.stack.wake().await;
            let now = progress().await;
            if now == before && seeded.stack.count(&unfinished) > 0 {
                // Leases end, and what was begun is taken over.
                seeded.stack.jump(Duration::from_secs(20)).await;
                Err(now)
            } else {
                Ok(())
            }
        })
        .await;
        killed += seeded.stack.kill_dispatchers();
    }
    assert!(killed > 0, "dispatchers were killed");

    until("the end of every render", PATIENCE, async || {
        seeded.stack.wake().await;
        match seeded.stack.count(&unfinished) {
            0 => Ok(()),
            left => {
                seeded.stack.jump(Duration::from_secs(20)).await;
                Err(left.to_string())
            }
        }
    })
    .await;

    let (mut ready, mut lost) = (0, 0);
    for (id, script) in &renders {
        let render = seeded
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
            // Killed after the intent and before the submit: its user is told, it is never charged and never sent again.
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
    println!("{RENDERS} renders, {killed} kills: {ready} ready, {lost} not sent, none twice");
    assert_eq!(seeded.usage("renders"), 1 + i64::from(ready));
}
