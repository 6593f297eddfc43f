//! Webhooks over days, and with a process that dies in the middle.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Creator, Reaction, Receiver, attempted, outcomes};

#[tokio::test]
async fn killed_between_sending_and_recording_it_the_same_event_is_sent_again() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.then([Reaction::Hang]);
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    receiver.received(&creator.stack, 1).await;
    // It has arrived, and nobody has noted it.
    assert!(creator.stack.kill_dispatchers() >= 1);
    let interrupted = creator.user.api.get(&delivery).await.status(200);
    assert_eq!(outcomes(&interrupted), ["interrupted"]);
    assert_eq!(interrupted.json["state"], "pending");
    creator.stack.advance(Duration::from_secs(90)).await;
    let delivered = attempted(&creator.stack, &creator.user, &delivery, 2).await;
    assert_eq!(outcomes(&delivered), ["interrupted", "delivered"]);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].body, seen[1].body);
    assert!(seen.iter().all(|one| one.signatures(&endpoint.secret) == 1));
}

/// Seconds from one attempt to the next, as the log has them.
fn gaps(delivery: &Value) -> Vec<f64> {
    let times: Vec<f64> = delivery["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|attempt| {
            let at: jiff::Timestamp = attempt["at"]
                .as_str()
                .and_then(|at| at.parse().ok())
                .expect("a time");
            at.as_duration().as_secs_f64()
        })
        .collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test]
async fn the_schedule_ends_after_three_days_and_the_endpoint_after_five() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.always(Reaction::Answer("503 Busy".into()));
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    let mut seen = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    for attempt in 2..=10 {
        let next = seen.time("/next_attempt_at") + jiff::SignedDuration::from_secs(1);
        creator.stack.advance_to(next).await;
        seen = attempted(&creator.stack, &creator.user, &delivery, attempt).await;
    }
    assert_eq!(seen.json["state"], "failed", "{seen}");
    assert_eq!(seen.json["next_attempt_at"], Value::Null);
    assert_eq!(receiver.seen().len(), 10);
    let wanted = [
        5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0,
    ];
    for (gap, wanted) in gaps(&seen.json).iter().zip(wanted) {
        // Early never, late by what the machine and the jitter take.
        assert!(
            (wanted * 0.9 - 0.5..wanted * 1.1 + 240.0).contains(gap),
            "{gap} s instead of {wanted} s"
        );
    }
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert_eq!(read.json["state"], "enabled", "{read}");

    // Five days after the first failure the next one is the last.
    creator.stack.advance(Duration::from_secs(50 * 3600)).await;
    let last = endpoint.ping(&creator.user).await;
    attempted(&creator.stack, &creator.user, &last, 1).await;
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert_eq!(
        (&read.json["state"], &read.json["state_reason"]),
        (&json!("disabled"), &json!("failing"))
    );
    let logged = creator
        .user
        .rows("system_logs?event_type=eq.webhook.disabled&select=message")
        .await;
    assert_eq!(logged.json.as_array().map(Vec::len), Some(1), "{logged}");
    let given_up = creator.user.api.get(&last).await.status(200);
    assert_eq!(given_up.json["state"], "failed");

    // Mended and enabled again, what was missed can be replayed.
    receiver.always(Reaction::Answer("200 OK".into()));
    let enabled = json!({"state": "enabled"});
    creator
        .user
        .api
        .patch(&endpoint.path(), &enabled)
        .await
        .status(200);
    let replay = format!("{delivery}/replay");
    creator.user.api.post(&replay, &json!({})).await.status(202);
    let replayed = attempted(&creator.stack, &creator.user, &delivery, 11).await;
    assert_eq!(replayed.json["state"], "delivered");
    let seen = receiver.seen();
    assert_eq!(
        seen[0].header("webhook-id"),
        seen[seen.len() - 1].header("webhook-id")
    );

    // Retention: the log forgets after thirty days.
    creator
        .stack
        .advance(Duration::from_secs(31 * 86_400))
        .await;
    creator.stack.sql("select private.prune_webhooks()");
    assert_eq!(creator.user.api.get(&delivery).await.status, 404);
}
