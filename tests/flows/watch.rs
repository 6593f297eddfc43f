//! The services outside, broken and mended: what health reports, and what Slack gets.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{SeededChannel, Stack, StandIn, until};

/// A new status comes within ten seconds; a loaded machine gets more.
const SOON: Duration = Duration::from_secs(30);

/// Waits until health reports one of these states of a service; how long it took.
async fn until_status(stack: &Stack, service: &str, wanted: &[&str]) -> Duration {
    let began = Instant::now();
    until(&format!("{service} is {wanted:?}"), SOON, async || {
        let answer = stack.anonymous().get("/api/health").await;
        let status = answer.text(&format!("/services/external_apis/{service}/status"));
        if wanted.contains(&status.as_str()) {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;
    began.elapsed()
}

const BROKEN: &[&str] = &["degraded", "unhealthy"];

#[tokio::test]
async fn the_status_follows_each_service_down_and_up() {
    let seeded = SeededChannel::new().await;
    let stack = &seeded.stack;
    let user = stack.sign_up().await;
    let account = user.connect_channel(40).await;
    let script = seeded.seeded_script();
    let channel = format!("/api/channels/{}", account.channel());
    user.api
        .until_field(stack, &channel, "/sync/state", &["idle"])
        .await;

    let generate = async || {
        let body = json!({"channel_id": seeded.channel, "topic": "Honey"});
        seeded.user.api.post("/api/generate/titles", &body).await
    };
    let estimate = async || {
        let body = json!({"content_id": script.id});
        seeded.user.api.post("/api/video/estimate", &body).await
    };
    let synchronise = async || {
        stack.sql("delete from private.rate_limits");
        let answer = user.api.post(&format!("{channel}/sync"), &json!({})).await;
        stack.dispatch().await;
        answer
    };

    for fault in [
        json!({"status": 503, "times": 0}),
        json!({"cut": true, "times": 0}),
    ] {
        for service in ["gemini", "revid", "youtube"] {
            let call = async || match service {
                "gemini" => drop(generate().await),
                "revid" => drop(estimate().await),
                _ => drop(synchronise().await),
            };
            call().await;
            until_status(stack, service, &["healthy"]).await;
            let stand_in = match service {
                "gemini" => StandIn::Gemini,
                "revid" => StandIn::Revid,
                _ => StandIn::Youtube,
            };
            let fault_is_armed = stand_in.fault_until_dropped(&fault).await;
            call().await;
            let broke = until_status(stack, service, BROKEN).await;
            let health = stack.anonymous().get("/api/health").await.status(200);
            assert_eq!(health.text("/status"), "degraded", "{health}");
            let error = health.text(&format!("/services/external_apis/{service}/error"));
            assert!(
                matches!(error.as_str(), "unexpected_answer" | "unavailable"),
                "{health}"
            );
            drop(fault_is_armed);
            call().await;
            let healed = until_status(stack, service, &["healthy"]).await;
            println!("{service} with {fault}: broken after {broke:?}, whole after {healed:?}");
        }
    }
}

#[tokio::test]
async fn no_probe_calls_a_service() {
    let stack = Stack::from_env();
    let calls = async || {
        let mut calls = 0;
        for stand_in in [StandIn::Google, StandIn::Gemini, StandIn::Revid] {
            calls += stand_in.calls("").await.len();
        }
        calls
    };
    // The pipeline may call on its own account meanwhile, but not each time.
    let mut called = Vec::new();
    for _ in 0..3 {
        let before = calls().await;
        for _ in 0..100 {
            stack.anonymous().get("/api/health").await.status(200);
        }
        called.push(calls().await - before);
    }
    assert!(called.contains(&0), "probes called services: {called:?}");
}

/// The messages about late work that Slack got after this many.
async fn messages(since: usize) -> Vec<String> {
    let state = StandIn::Slack.state("").await;
    let messages = state["messages"].as_array().expect("messages");
    messages[since..]
        .iter()
        .map(|message| {
            message["body"]["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .filter(|text| text.contains("Work that is due has waited"))
        .collect()
}

#[tokio::test]
async fn slack_gets_one_message_when_something_breaks_and_one_when_it_is_over() {
    let stack = Stack::from_env();
    // What other flows left behind is no part of this.
    stack.sql(
        "update private.steps set state = 'done' where state in ('waiting', 'running');
         update private.incidents set closed_at = private.now() where closed_at is null;
         update private.alerts set delivered_at = clock_timestamp() where delivered_at is null",
    );
    let since = StandIn::Slack.state("").await["count"]
        .as_u64()
        .expect("a number") as usize;
    let done = "update private.steps set state = 'done' where kind = 'test.late'";
    let _late = stack.changed(
        "insert into private.steps (queue, kind, subject_id, due_at)
         values ('maintenance', 'test.late', gen_random_uuid(), private.now() - interval '20 minutes')",
        done,
    );
    // The scheduler watches too, each real minute.
    for _ in 0..3 {
        stack.sql("select private.check_alerts()");
    }
    let first = until("the alert", SOON, async || {
        let found = messages(since).await;
        if found.is_empty() {
            Err("nothing".to_owned())
        } else {
            Ok(found)
        }
    })
    .await;
    assert!(
        first[0].contains(":rotating_light:") && first[0].contains("20 min"),
        "{first:?}"
    );
    assert!(
        first[0].contains("docs/monitoring.md#work-late"),
        "{first:?}"
    );
    for _ in 0..3 {
        stack.advance(Duration::from_secs(60)).await;
        stack.sql("select private.check_alerts()");
    }
    assert_eq!(messages(since).await.len(), 1, "one message");

    stack.sql(done);
    for _ in 0..5 {
        stack.sql("select private.check_alerts()");
        stack.advance(Duration::from_secs(60)).await;
    }
    let all = until("the end", SOON, async || {
        let found = messages(since).await;
        if found.len() < 2 {
            Err(format!("{found:?}"))
        } else {
            Ok(found)
        }
    })
    .await;
    stack.sql("select private.check_alerts()");
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        all[1].contains(":white_check_mark:") && all[1].contains("Over after"),
        "{all:?}"
    );
    let undelivered = stack.sql(
        "select count(*) from private.alerts a join private.incidents i on i.id = a.incident_id
         where i.kind = 'work_late' and a.delivered_at is null",
    );
    assert_eq!(undelivered, "0");
    assert_eq!(messages(since).await.len(), 2);
}
