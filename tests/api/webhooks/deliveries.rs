//! What is sent, how often, and what becomes of an endpoint that does not take it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    Creator, PATIENCE, Reaction, Received, Receiver, assert_problem, attempted, outcomes, until,
};

fn answer(head: &str) -> Reaction {
    Reaction::Answer(head.into())
}

#[tokio::test]
async fn an_event_arrives_signed_and_once() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let account = creator.user.connect_channel(2).await;
    let seen = receiver.received(&creator.stack, 1).await;
    let event = &seen[0];
    assert_eq!(event.head, "POST /hook HTTP/1.1");
    assert_eq!(event.header("content-type"), "application/json");
    assert_eq!(
        event.header("user-agent"),
        "content-catalyst-engine-webhooks/1"
    );
    assert_eq!(event.signatures(&endpoint.secret), 1);
    assert!(!event.header("webhook-id").contains('.'));
    let body = event.json();
    assert_eq!(body["type"], "channel.connected");
    assert_eq!(body["data"]["id"], account.channel().to_string());
    assert_eq!(
        body["data"]["youtube_channel_id"],
        account.youtube_channel_id
    );
    let at: jiff::Timestamp = body["timestamp"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .expect("a time");
    assert!((creator.stack.now().await.as_second() - at.as_second()).abs() < 120);

    let path = format!("/api/webhooks/deliveries?endpoint_id={}", endpoint.id);
    until("the note of it", PATIENCE, async || {
        let listed = creator.user.api.get(&path).await.status(200);
        if listed.json["items"][0]["state"] == "delivered" {
            Ok(())
        } else {
            Err(listed.to_string())
        }
    })
    .await;
    let listed = creator.user.api.get(&path).await.status(200);
    let delivery = &listed.json["items"][0];
    assert_eq!(delivery["event_id"], event.header("webhook-id"));
    assert_eq!(
        delivery["body"].as_str().map(str::as_bytes),
        Some(&*event.body)
    );
    assert_eq!(delivery["attempts"][0]["status"], 204);
    // Nothing else becomes of it, however often the dispatcher comes.
    creator.synced(account.channel(), &["idle"]).await;
    for _ in 0..5 {
        creator.stack.dispatch().await;
    }
    assert_eq!(receiver.of_kind("channel.connected").len(), 1);
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert_eq!(read.json["failing_since"], Value::Null);
    assert!(read.json["last_delivered_at"].is_string());
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_with_the_same_id_and_bytes() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.then([answer("500 Oh")]);
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    let first = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&first), ["refused"]);
    assert_eq!(first.json["attempts"][0]["status"], 500);
    assert_eq!(first.json["state"], "pending");
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert!(read.json["failing_since"].is_string(), "{read}");

    let second = attempted(&creator.stack, &creator.user, &delivery, 2).await;
    assert_eq!(outcomes(&second), ["refused", "delivered"]);
    assert_eq!(second.json["state"], "delivered");
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    let ids: BTreeSet<&str> = seen.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(seen[0].body, seen[1].body);
    let at = |one: &Received| {
        one.header("webhook-timestamp")
            .parse::<i64>()
            .expect("seconds")
    };
    let apart = at(&seen[1]) - at(&seen[0]);
    assert!(apart >= 4, "{apart} s");
    assert!(seen.iter().all(|one| one.signatures(&endpoint.secret) == 1));

    // A replay is the same event.
    let again = format!("{delivery}/replay");
    creator.user.api.post(&again, &json!({})).await.status(202);
    attempted(&creator.stack, &creator.user, &delivery, 3).await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2].header("webhook-id"), seen[0].header("webhook-id"));
    assert_eq!(seen[2].body, seen[0].body);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let creator = Creator::new().await;
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    receiver.always(answer(&format!("302 Found\r\nlocation: {}", elsewhere.url)));
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    let tried = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&tried), ["redirected"]);
    assert_eq!(tried.json["state"], "pending");
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_hangs_times_out_and_delays_no_other() {
    let (one, two) = (Creator::new().await, Creator::new().await);
    let (hanging, quick) = (Receiver::start().await, Receiver::start().await);
    hanging.always(Reaction::Hang);
    let slow = hanging.register(&one.user, json!({})).await;
    let fast = quick.register(&two.user, json!({})).await;
    let waiting = slow.ping(&one.user).await;
    hanging.received(&one.stack, 1).await;
    let begun = Instant::now();
    let prompt = fast.ping(&two.user).await;
    attempted(&two.stack, &two.user, &prompt, 1).await;
    let meanwhile = one.user.api.get(&waiting).await.status(200);
    // On a machine that stood still for so long it proves nothing.
    if begun.elapsed() < Duration::from_secs(12) {
        assert_eq!(outcomes(&meanwhile), ["interrupted"], "{meanwhile}");
    }
    let timed_out = attempted(&one.stack, &one.user, &waiting, 1).await;
    assert_eq!(outcomes(&timed_out), ["timeout"]);
    let latency = timed_out.json["attempts"][0]["latency_ms"]
        .as_u64()
        .expect("milliseconds");
    assert!((14_500..60_000).contains(&latency), "{latency} ms");
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_until_its_owner_enables_it() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.then([answer("410 Gone")]);
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    let tried = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&tried), ["gone"]);
    assert_eq!(tried.json["state"], "failed");
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert_eq!(
        (&read.json["state"], &read.json["state_reason"]),
        (&json!("disabled"), &json!("gone"))
    );
    let logged = creator
        .user
        .rows("system_logs?event_type=eq.webhook.disabled&select=message,details")
        .await;
    assert_eq!(
        logged.json[0]["details"]["endpoint_id"], endpoint.id,
        "{logged}"
    );

    for path in [
        format!("{}/test", endpoint.path()),
        format!("{delivery}/replay"),
    ] {
        let refused = creator.user.api.post(&path, &json!({})).await;
        assert_problem(&refused, 409, "invalid_state");
    }
    // What happens meanwhile is not sent, nor kept.
    creator.user.connect_channel(1).await;
    let enabled = creator
        .user
        .api
        .patch(&endpoint.path(), &json!({"state": "enabled"}))
        .await
        .status(200);
    assert_eq!(enabled.json["state"], "enabled");
    let again = format!("{delivery}/replay");
    creator.user.api.post(&again, &json!({})).await.status(202);
    let replayed = attempted(&creator.stack, &creator.user, &delivery, 2).await;
    assert_eq!(replayed.json["state"], "delivered");
    assert_eq!(receiver.seen().len(), 2);
    assert!(receiver.of_kind("channel.connected").is_empty());
}

#[tokio::test]
async fn deliveries_come_in_pages() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    for _ in 0..5 {
        endpoint.ping(&creator.user).await;
    }
    let seen = receiver.received(&creator.stack, 5).await;
    let path = format!("/api/webhooks/deliveries?endpoint_id={}", endpoint.id);
    let listed = creator.user.api.all_items(&path, 2).await;
    assert_eq!(listed.len(), 5);
    let listed: BTreeSet<&str> = listed
        .iter()
        .filter_map(|item| item["event_id"].as_str())
        .collect();
    let sent: BTreeSet<&str> = seen.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(listed, sent);
    let path = "/api/webhooks/deliveries?state=failed";
    let failed = creator.user.api.get(path).await.status(200);
    assert_eq!(failed.json["items"], json!([]));
}

#[tokio::test]
async fn a_failing_endpoint_is_left_alone_however_often_it_is_tested() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.always(answer("500 Oh"));
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let first = endpoint.ping(&creator.user).await;
    attempted(&creator.stack, &creator.user, &first, 1).await;
    let resume = format!(
        "select resume_at > private.now() from public.webhook_endpoints where id = '{}'",
        endpoint.id
    );
    assert_eq!(creator.stack.sql(&resume), "t");
    for _ in 0..3 {
        endpoint.ping(&creator.user).await;
    }
    creator
        .user
        .api
        .post(&format!("{first}/replay"), &json!({}))
        .await
        .status(202);
    assert_eq!(
        creator.stack.sql(&resume),
        "t",
        "it is left alone all the same"
    );
}

#[tokio::test]
async fn a_thousand_events_wait_for_a_user_and_no_more() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    creator.stack.sql(&format!(
        "insert into public.webhook_deliveries (endpoint_id, user_id, event_id, event_type, body, next_attempt_at)
         select '{id}', user_id, 'msg_' || n, 'ping', '{{}}', private.now() + interval '1 day'
         from public.webhook_endpoints, generate_series(1, 1000) n where id = '{id}'",
        id = endpoint.id
    ));
    let test = format!("{}/test", endpoint.path());
    let refused = creator.user.api.post(&test, &json!({})).await;
    assert_problem(&refused, 409, "limit_reached");
    creator.user.connect_channel(2).await;
    let pending = format!(
        "select count(*) from public.webhook_deliveries where endpoint_id = '{}'",
        endpoint.id
    );
    assert_eq!(creator.stack.sql(&pending), "1000");
}

#[tokio::test]
async fn two_of_a_users_endpoints_are_sent_to_at_a_time() {
    let creator = Creator::new().await;
    let hanging = Receiver::start().await;
    hanging.always(Reaction::Hang);
    for _ in 0..4 {
        let endpoint = hanging.register(&creator.user, json!({})).await;
        endpoint.ping(&creator.user).await;
    }
    hanging.received(&creator.stack, 2).await;
    for _ in 0..3 {
        creator.stack.dispatch().await;
    }
    assert_eq!(hanging.seen().len(), 2);
}
