//! Outbound webhooks, with receivers on this machine.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::connecting::Creator;
use crate::publisher::Publisher;
use crate::receiver::{PATIENCE, Reaction, Received, Receiver, attempted, outcomes};
use crate::studio::{OVER, Studio};
use crate::support::{Answer, assert_problem, assert_problem_at, until};

fn answer(head: &str) -> Reaction {
    Reaction::Answer(head.into())
}

#[tokio::test]
async fn an_event_arrives_signed_and_once() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let hook = receiver.register(&creator.user, json!({})).await;
    let account = creator.connect(2).await;
    let seen = receiver.received(&creator.stack, 1).await;
    let event = &seen[0];
    assert_eq!(event.head, "POST /hook HTTP/1.1");
    assert_eq!(event.header("content-type"), "application/json");
    assert_eq!(
        event.header("user-agent"),
        "content-catalyst-engine-webhooks/1"
    );
    assert_eq!(event.signatures(&hook.secret), 1);
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

    let path = format!("/api/webhooks/deliveries?endpoint_id={}", hook.id);
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
    let endpoint = creator.user.api.get(&hook.path()).await.status(200);
    assert_eq!(endpoint.json["failing_since"], Value::Null);
    assert!(endpoint.json["last_delivered_at"].is_string());
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_with_the_same_id_and_bytes() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    receiver.then([answer("500 Oh")]);
    let hook = receiver.register(&creator.user, json!({})).await;
    let delivery = hook.ping(&creator.user).await;
    let first = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&first), ["refused"]);
    assert_eq!(first.json["attempts"][0]["status"], 500);
    assert_eq!(first.json["state"], "pending");
    let endpoint = creator.user.api.get(&hook.path()).await.status(200);
    assert!(endpoint.json["failing_since"].is_string(), "{endpoint}");

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
    assert!(seen.iter().all(|one| one.signatures(&hook.secret) == 1));

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
async fn a_redirect_is_a_failure_and_followed_by_nobody() {
    let creator = Creator::new().await;
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    receiver.always(answer(&format!("302 Found\r\nlocation: {}", elsewhere.url)));
    let hook = receiver.register(&creator.user, json!({})).await;
    let delivery = hook.ping(&creator.user).await;
    let tried = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&tried), ["redirected"]);
    assert_eq!(tried.json["state"], "pending");
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_hangs_times_out_and_holds_up_nobody() {
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
    let hook = receiver.register(&creator.user, json!({})).await;
    let delivery = hook.ping(&creator.user).await;
    let tried = attempted(&creator.stack, &creator.user, &delivery, 1).await;
    assert_eq!(outcomes(&tried), ["gone"]);
    assert_eq!(tried.json["state"], "failed");
    let endpoint = creator.user.api.get(&hook.path()).await.status(200);
    assert_eq!(
        (&endpoint.json["state"], &endpoint.json["state_reason"]),
        (&json!("disabled"), &json!("gone"))
    );
    let told = creator
        .user
        .rows("system_logs?event_type=eq.webhook.disabled&select=message,details")
        .await;
    assert_eq!(told.json[0]["details"]["endpoint_id"], hook.id, "{told}");

    for path in [
        format!("{}/test", hook.path()),
        format!("{delivery}/replay"),
    ] {
        let refused = creator.user.api.post(&path, &json!({})).await;
        assert_problem(&refused, 409, "invalid_state");
    }
    // What happens meanwhile is not sent, nor kept.
    creator.connect(1).await;
    let enabled = creator
        .user
        .api
        .patch(&hook.path(), &json!({"enabled": true}))
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
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let key = Uuid::new_v4().to_string();
    let body = json!({ "url": receiver.url });
    let api = &creator.user.api;
    let made = api
        .post_once("/api/webhooks/endpoints", &key, &body)
        .await
        .status(201);
    let repeated = api
        .post_once("/api/webhooks/endpoints", &key, &body)
        .await
        .status(201);
    assert_eq!(made.json, repeated.json, "one request, one endpoint");
    let (first, path) = (
        made.text("/secret"),
        format!("/api/webhooks/endpoints/{}", made.id()),
    );
    assert!(
        !api.get(&path).await.to_string().contains("whsec_"),
        "a secret is shown once"
    );
    let rotate = format!("{path}/secret");
    let key = Uuid::new_v4().to_string();
    let rotated = api.post_once(&rotate, &key, &json!({})).await.status(201);
    let again = api.post_once(&rotate, &key, &json!({})).await.status(201);
    assert_eq!(rotated.json, again.json, "one request, one rotation");
    let second = rotated.text("/secret");
    assert_ne!(first, second);
    assert!(rotated.json["old_accepted_until"].is_string());

    let test = format!("{path}/test");
    api.post(&test, &json!({})).await.status(202);
    let event = receiver.received(&creator.stack, 1).await.remove(0);
    let entries = |event: &Received| event.header("webhook-signature").split(' ').count();
    assert_eq!(entries(&event), 2);
    assert_eq!(
        (event.signatures(&first), event.signatures(&second)),
        (1, 1)
    );

    let ended = api.post(&rotate, &json!({"end_old": true})).await;
    let third = ended.status(201).text("/secret");
    api.post(&test, &json!({})).await.status(202);
    let event = receiver.received(&creator.stack, 2).await.remove(1);
    assert_eq!(entries(&event), 1);
    assert_eq!(
        (event.signatures(&second), event.signatures(&third)),
        (0, 1)
    );
    let stored = creator.stack.sql(&format!(
        "select string_agg(secret, ' ') from private.webhook_secrets where endpoint_id = '{}'",
        made.id()
    ));
    assert!(stored.starts_with("v1.") && !stored.contains("whsec"));
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let creator = Creator::new().await;
    let api = &creator.user.api;
    for address in [
        "",
        "example.com/hook",
        "http://example.com/hook",
        "ftp://example.com/hook",
        "https://user:pass@example.com/",
        "https://example.com:8443/",
        "https://example.com/#part",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0x0a000001/",
        "https://database.internal/",
        "https://intranet/",
        "http://127.0.0.1@10.0.0.1/",
    ] {
        let made = api
            .post("/api/webhooks/endpoints", &json!({ "url": address }))
            .await;
        assert_problem_at(&made, 422, "invalid_body", "/url");
    }
    for (body, pointer) in [
        (
            json!({"url": "https://example.com/", "description": " "}),
            "/description",
        ),
        (
            json!({"url": "https://example.com/", "description": "x".repeat(201)}),
            "/description",
        ),
    ] {
        let made = api.post("/api/webhooks/endpoints", &body).await;
        assert_problem_at(&made, 422, "invalid_body", pointer);
    }
    let foreign = json!({"url": "https://example.com/", "channel_id": Uuid::new_v4()});
    let made = api.post("/api/webhooks/endpoints", &foreign).await;
    assert_problem(&made, 404, "not_found");
}

#[tokio::test]
async fn endpoints_are_ones_own_edited_by_version_and_ten_at_most() {
    let (creator, other) = (Creator::new().await, Creator::new().await);
    let receiver = Receiver::start().await;
    let hook = receiver
        .register(
            &creator.user,
            json!({"description": "Ours", "events": ["ping", "render.ready", "ping"]}),
        )
        .await;
    let api = &creator.user.api;
    let got = api.get(&hook.path()).await.status(200);
    assert_eq!(got.json["events"], json!(["ping", "render.ready"]));
    assert_eq!(got.header("etag"), Some("\"v1\""));
    let delivery = hook.ping(&creator.user).await;
    attempted(&creator.stack, &creator.user, &delivery, 1).await;

    for (path, verb) in [
        (hook.path(), "GET"),
        (hook.path(), "PATCH"),
        (hook.path(), "DELETE"),
        (format!("{}/secret", hook.path()), "POST"),
        (format!("{}/test", hook.path()), "POST"),
        (delivery.clone(), "GET"),
        (format!("{delivery}/replay"), "POST"),
    ] {
        let request = other.user.api.request(verb.parse().expect("a verb"), &path);
        let body = match verb {
            "PATCH" => Some(json!({"enabled": false})),
            "POST" if path.ends_with("secret") => Some(json!({})),
            _ => None,
        };
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        assert_problem(&Answer::of(request).await, 404, "not_found");
    }
    for list in ["/api/webhooks/endpoints", "/api/webhooks/deliveries"] {
        let theirs = other.user.api.get(list).await.status(200);
        assert_eq!(theirs.json["items"], json!([]), "{list}");
    }

    let stale = api
        .patch_if(&hook.path(), "\"v9\"", &json!({"enabled": false}))
        .await;
    assert_problem(&stale, 412, "version_mismatch");
    let changed = api
        .patch_if(
            &hook.path(),
            "\"v1\"",
            &json!({"description": null, "events": []}),
        )
        .await
        .status(200);
    assert_eq!(changed.json["description"], Value::Null);
    assert_eq!(changed.json["version"], 2);
    assert_problem_at(
        &api.patch(&hook.path(), &json!({})).await,
        422,
        "invalid_body",
        "",
    );
    let disabled = api
        .patch(&hook.path(), &json!({"enabled": false}))
        .await
        .status(200);
    assert_eq!(disabled.json["state_reason"], "by_user");

    for _ in 1..10 {
        receiver.register(&creator.user, json!({})).await;
    }
    let eleventh = api
        .post("/api/webhooks/endpoints", &json!({ "url": receiver.url }))
        .await;
    assert_problem(&eleventh, 409, "limit_reached");
    api.delete(&hook.path()).await.status(204);
    assert_problem(&api.get(&delivery).await, 404, "not_found");
    let step = format!(
        "select count(*) from private.steps where subject_id = '{}'",
        hook.id
    );
    assert_eq!(creator.count(&step), 0, "nothing is left of its work");
}

#[tokio::test]
async fn deliveries_come_in_pages() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let hook = receiver.register(&creator.user, json!({})).await;
    for _ in 0..5 {
        hook.ping(&creator.user).await;
    }
    receiver.received(&creator.stack, 5).await;
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!(
            "/api/webhooks/deliveries?limit=2&endpoint_id={}{cursor}",
            hook.id
        );
        let page = creator.user.api.get(&path).await.status(200);
        for item in page.json["items"].as_array().expect("items") {
            ids.push(item["event_id"].as_str().expect("an id").to_owned());
        }
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let sent: BTreeSet<String> = receiver
        .seen()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), sent);
    let failed = creator
        .user
        .api
        .get("/api/webhooks/deliveries?state=failed")
        .await
        .status(200);
    assert_eq!(failed.json["items"], json!([]));
}

/// The kinds of events that came, in no particular order.
fn kinds(receiver: &Receiver) -> Vec<String> {
    let mut kinds: Vec<String> = receiver.seen().iter().map(Received::kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn what_becomes_of_a_render_is_told() {
    let studio = Studio::open().await;
    let receiver = Receiver::start().await;
    receiver
        .register(&studio.user, json!({ "channel_id": studio.channel }))
        .await;
    let picky = Receiver::start().await;
    picky
        .register(&studio.user, json!({"events": ["render.ready"]}))
        .await;
    let render = studio.render_until(&studio.script(), OVER).await;
    assert_eq!(render.json["state"], "ready", "{render}");
    receiver.received(&studio.stack, 3).await;
    picky.received(&studio.stack, 1).await;
    assert_eq!(
        kinds(&receiver),
        ["render.ready", "render.requested", "render.started"]
    );
    assert_eq!(kinds(&picky), ["render.ready"]);
    let ready = receiver.of_kind("render.ready").remove(0);
    assert_eq!(ready.json()["data"]["id"], render.json["id"]);
    // One event has one id, whoever is told.
    assert_eq!(
        ready.header("webhook-id"),
        picky.seen()[0].header("webhook-id")
    );
}

#[tokio::test]
async fn what_becomes_of_an_upload_is_told() {
    let publisher = Publisher::open().await;
    let receiver = Receiver::start().await;
    let film = publisher.film(600_000).await;
    let events = json!({"events": [
        "upload.scheduled", "upload.rescheduled", "upload.started", "upload.on_youtube", "upload.cancelled",
        "upload.needs_attention", "upload.failed",
    ]});
    receiver.register(&publisher.user, events).await;
    let upload = publisher.schedule(film.render, 48).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let later = publisher.hours(72).await;
    let path = format!("/api/schedule/{}", upload.id());
    let moved = json!({ "publish_at": later });
    publisher.user.api.patch(&path, &moved).await.status(200);
    receiver.received(&publisher.stack, 4).await;
    publisher.user.api.delete(&path).await.status(200);
    publisher.follow(&upload.id(), &["cancelled"]).await;
    receiver.received(&publisher.stack, 5).await;
    assert_eq!(
        kinds(&receiver),
        [
            "upload.cancelled",
            "upload.on_youtube",
            "upload.rescheduled",
            "upload.scheduled",
            "upload.started"
        ]
    );
    let there = receiver.of_kind("upload.on_youtube").remove(0).json();
    assert!(there["data"]["youtube_video_id"].is_string(), "{there}");
    let moved = receiver.of_kind("upload.rescheduled").remove(0).json();
    let told: jiff::Timestamp = moved["data"]["publish_at"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .expect("a time");
    assert_eq!(told, later);
}

#[tokio::test]
async fn an_erasure_is_told_and_then_forgotten() {
    let creator = Creator::new().await;
    let account = creator.connect(2).await;
    let channel = account.channel();
    creator.synced(channel, &["idle"]).await;
    let receiver = Receiver::start().await;
    receiver.register(&creator.user, json!({})).await;
    let deaf = Receiver::start().await;
    deaf.register(&creator.user, json!({ "channel_id": channel }))
        .await;
    let path = format!("/api/channels/{channel}");
    let answer = creator.user.api.delete(&path).await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    let event = receiver.received(&creator.stack, 1).await.remove(0).json();
    assert_eq!(event["type"], "channel.erased");
    assert_eq!(event["data"]["id"], channel.to_string());
    assert!(
        deaf.seen().is_empty(),
        "what belongs to the channel has gone with it"
    );
    until("the end of every mention", PATIENCE, async || {
        creator.stack.dispatch().await;
        let ids = [channel.to_string(), account.youtube_channel_id.clone()];
        let left = crate::rights::mentions(&creator, &ids);
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
}

#[tokio::test]
async fn the_document_names_the_events_that_the_database_knows() {
    let creator = Creator::new().await;
    let known: Vec<String> = creator
        .stack
        .sql("select unnest(private.webhook_event_types()) order by 1")
        .lines()
        .map(str::to_owned)
        .collect();
    let document = catalyst::routes::openapi::document();
    let mut documented: Vec<String> =
        serde_json::from_value(document["components"]["schemas"]["EventType"]["enum"].clone())
            .expect("names");
    documented.sort();
    assert_eq!(documented, known);
    let page = include_str!("../../docs/webhooks.md");
    for kind in known {
        let named = kind.split_once('.').is_none_or(|(group, what)| {
            page.lines().any(|line| {
                line.contains(&format!("`{group}.")) && line.contains(&format!(".{what}`"))
            })
        });
        assert!(named, "docs/webhooks.md does not name {kind}");
    }
}

/// The example of docs/webhooks.md as a file.
fn example() -> std::path::PathBuf {
    let page = include_str!("../../docs/webhooks.md");
    let code = page
        .split("```js\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let folder = std::env::temp_dir().join(format!("webhooks-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("verify.mjs");
    std::fs::write(&file, code).expect("the example is written");
    file
}

struct Node(Child, std::path::PathBuf);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        let _ = self.1.parent().map(std::fs::remove_dir_all);
    }
}

#[test]
fn the_example_verifies_the_published_vectors_and_nothing_else() {
    let file = example();
    let check = r#"
import { verify } from "./verify.mjs";
const A = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const K1 = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", K2 = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const ready = `{"type":"video.ready","timestamp":"2023-11-14T22:13:20Z","data":{"id":"vid_1"}}`;
const first = "v1,ixgtyY0qewpswnSrNHp3yTnXItg4Uq7mOZqsE7Hly10=", second = "v1,Bmummw0FQiIjM95ZaLEKb+Y0sW8jnq4jhRiykPeGt6w=";
const good = [
  [[A], "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", `{"email":"test@example.com","username":"test_user"}`],
  [[K1], "msg_0001", 1700000000, first, ready],
  [[K2], "msg_0001", 1700000000, second, ready],
  [[K1], "msg_0002", 1700000000, "v1,wO4TT5C7FwnvytAmE5xQFu3A5lz2HFFooXKezK/rktc=", `{"type":"note.added","data":{"text":"caf\u00e9 \u2028 \u{1f600}"}}\n`],
  [[K1], "msg_0003", 1700000000, "v1,c2G+TMSONNLW5+iErOpjy4KwlRJCnTKNE9jJd/2Xrtg=", ""],
  [[K1], "msg_0001", 1700000000, `${second} ${first}`, ready],
];
const call = ([secrets, id, at, list, body], now = at) => verify(secrets,
  { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": list }, Buffer.from(body), now);
let accepted = 0, refused = 0;
for (const one of good) { call(one); call(one, one[2] + 300); call(one, one[2] - 300); accepted += 1; }
const [secrets, id, at, list, body] = good[1];
const bad = [
  [secrets, "msg_0002", at, list, body], [secrets, "msg.0001", at, list, body], [secrets, id, at + 1, list, body],
  [secrets, id, at, list, body + " "], [[K2], id, at, list, body], [secrets, id, at, list.replace("v1,", "v2,"), body],
  [secrets, id, at, list.slice(0, -4), body], [secrets, id, at, "v1,", body], [secrets, id, at, "", body],
];
for (const one of bad) try { call(one); console.log("accepted", one); } catch { refused += 1; }
for (const now of [at + 301, at - 301]) try { call(good[1], now); } catch { refused += 1; }
console.log(accepted, refused);
"#;
    let folder = file.parent().expect("a folder");
    std::fs::write(folder.join("check.mjs"), check).expect("written");
    let output = Command::new("node")
        .arg("check.mjs")
        .current_dir(folder)
        .env_remove("WEBHOOK_SECRET")
        .output()
        .expect("node runs");
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(String::from_utf8_lossy(&said).trim(), "6 11");
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn the_example_receives_what_we_send() {
    let creator = Creator::new().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let body = json!({"url": format!("http://127.0.0.1:{port}/hooks")});
    let made = creator
        .user
        .api
        .post("/api/webhooks/endpoints", &body)
        .await
        .status(201);
    let file = example();
    let start = |secret: &str| {
        let child = Command::new("node")
            .arg(&file)
            .env("WEBHOOK_SECRET", secret)
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .expect("node runs");
        Node(child, file.clone())
    };
    let listening = async || {
        until("the example listens", Duration::from_secs(30), async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .map_err(|error| error.to_string())
        })
        .await;
    };
    let test = format!("/api/webhooks/endpoints/{}/test", made.id());
    let mut node = start("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    listening().await;
    let delivery = creator.user.api.post(&test, &json!({})).await.status(202);
    let path = format!("/api/webhooks/deliveries/{}", delivery.id());
    let refused = attempted(&creator.stack, &creator.user, &path, 1).await;
    assert_eq!(
        refused.json["attempts"][0]["status"], 401,
        "another's secret"
    );

    let _ = node.0.kill();
    let _ = node.0.wait();
    node.0 = Command::new("node")
        .arg(&file)
        .env("WEBHOOK_SECRET", made.text("/secret"))
        .env("PORT", port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("node runs");
    listening().await;
    let again = format!("{path}/replay");
    creator.user.api.post(&again, &json!({})).await.status(202);
    let accepted = attempted(&creator.stack, &creator.user, &path, 2).await;
    assert_eq!(accepted.json["attempts"][1]["status"], 204);
    assert_eq!(accepted.json["state"], "delivered");
}
