//! Endpoints: which addresses are taken, and who sees and changes them.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Creator, Receiver, assert_problem, assert_problem_at, attempted};

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let creator = Creator::new().await;
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
        let body = json!({ "url": address });
        let made = creator.user.api.post("/api/webhooks/endpoints", &body);
        assert_problem_at(&made.await, 422, "invalid_body", "/url");
    }
}

#[tokio::test]
async fn an_empty_or_long_description_is_refused() {
    let creator = Creator::new().await;
    for description in [" ".to_owned(), "x".repeat(201)] {
        let body = json!({"url": "https://example.com/", "description": description});
        let made = creator.user.api.post("/api/webhooks/endpoints", &body);
        assert_problem_at(&made.await, 422, "invalid_body", "/description");
    }
}

#[tokio::test]
async fn an_endpoint_for_a_channel_of_others_is_not_made() {
    let creator = Creator::new().await;
    let foreign = json!({"url": "https://example.com/", "channel_id": Uuid::new_v4()});
    let made = creator.user.api.post("/api/webhooks/endpoints", &foreign);
    assert_problem(&made.await, 404, "not_found");
}

#[tokio::test]
async fn an_event_that_is_named_twice_is_kept_once() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let wishes = json!({"description": "Ours", "events": ["ping", "render.ready", "ping"]});
    let endpoint = receiver.register(&creator.user, wishes).await;
    let read = creator.user.api.get(&endpoint.path()).await.status(200);
    assert_eq!(read.json["events"], json!(["ping", "render.ready"]));
    assert_eq!(read.version(), Some(1));
}

#[tokio::test]
async fn an_endpoint_of_others_looks_like_none() {
    let (creator, other) = (Creator::new().await, Creator::new().await);
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    let path = endpoint.path();
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (
            Method::PATCH,
            path.clone(),
            Some(json!({"state": "disabled"})),
        ),
        (Method::DELETE, path.clone(), None),
        (Method::POST, format!("{path}/secret"), Some(json!({}))),
        (Method::POST, format!("{path}/test"), None),
        (Method::GET, delivery.clone(), None),
        (Method::POST, format!("{delivery}/replay"), None),
    ] {
        let request = other.user.api.request(method, &path);
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
}

#[tokio::test]
async fn an_endpoint_is_changed_by_version() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let wishes = json!({"description": "Ours", "events": ["ping"]});
    let endpoint = receiver.register(&creator.user, wishes).await;
    let (api, path) = (&creator.user.api, endpoint.path());
    let disable = json!({"state": "disabled"});
    let stale = api.patch_if(&path, "\"v9\"", &disable).await;
    assert_problem(&stale, 412, "version_mismatch");
    let change = json!({"description": null, "events": []});
    let changed = api.patch_if(&path, "\"v1\"", &change).await.status(200);
    assert_eq!(changed.json["description"], Value::Null);
    assert_eq!(changed.json["version"], 2);
    let nothing = api.patch(&path, &json!({})).await;
    assert_problem_at(&nothing, 422, "invalid_body", "");
    let disabled = api.patch(&path, &disable).await.status(200);
    assert_eq!(disabled.json["state_reason"], "by_user");
}

#[tokio::test]
async fn a_user_has_ten_endpoints_at_most() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    for _ in 0..10 {
        receiver.register(&creator.user, json!({})).await;
    }
    let body = json!({ "url": receiver.url });
    let eleventh = creator.user.api.post("/api/webhooks/endpoints", &body);
    assert_problem(&eleventh.await, 409, "limit_reached");
}

#[tokio::test]
async fn a_deleted_endpoint_takes_its_deliveries_with_it() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let delivery = endpoint.ping(&creator.user).await;
    attempted(&creator.stack, &creator.user, &delivery, 1).await;
    let api = &creator.user.api;
    api.delete(&endpoint.path()).await.status(204);
    assert_problem(&api.get(&delivery).await, 404, "not_found");
    let steps = creator.stack.count(&format!(
        "select count(*) from private.steps where subject_id = '{}'",
        endpoint.id
    ));
    assert_eq!(steps, 0, "nothing is left of its work");
}
