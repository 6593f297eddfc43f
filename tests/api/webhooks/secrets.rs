//! Secrets: made once, shown once, replaced without a gap.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Creator, Received, Receiver};

fn signatures(event: &Received) -> usize {
    event.header("webhook-signature").split(' ').count()
}

#[tokio::test]
async fn one_key_makes_one_endpoint_whose_secret_is_shown_once() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let api = &creator.user.api;
    let key = Uuid::new_v4().to_string();
    let body = json!({ "url": receiver.url });
    let make = || api.post_once("/api/webhooks/endpoints", &key, &body);
    let made = make().await.status(201);
    let again = make().await.status(201);
    assert_eq!(again.json["id"], made.json["id"]);
    assert_eq!(
        again.json["secret"],
        Value::Null,
        "a repeated request shows it no more"
    );
    let path = format!("/api/webhooks/endpoints/{}", made.id());
    let read = api.get(&path).await.status(200);
    assert!(!read.to_string().contains("whsec_"), "{read}");
    let stored = creator.stack.sql(&format!(
        "select secret from private.webhook_secrets where endpoint_id = '{}'",
        made.id()
    ));
    assert!(stored.starts_with("v1.") && !stored.contains("whsec"));
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let rotate = format!("{}/secret", endpoint.path());
    let key = Uuid::new_v4().to_string();
    let nothing = json!({});
    let call = || creator.user.api.post_once(&rotate, &key, &nothing);
    let rotated = call().await.status(201);
    let again = call().await.status(201);
    let until = "old_accepted_until";
    assert_eq!(
        rotated.json[until], again.json[until],
        "one request, one rotation"
    );
    assert_eq!(again.json["secret"], Value::Null);
    let secret = rotated.text("/secret");
    assert_ne!(endpoint.secret, secret);
    assert!(rotated.json["old_accepted_until"].is_string());

    endpoint.ping(&creator.user).await;
    let event = receiver.received(&creator.stack, 1).await.remove(0);
    assert_eq!(signatures(&event), 2);
    assert_eq!(
        (
            event.signatures(&endpoint.secret),
            event.signatures(&secret)
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn an_old_secret_is_ended_at_once_when_its_owner_wants_it() {
    let creator = Creator::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&creator.user, json!({})).await;
    let rotate = format!("{}/secret", endpoint.path());
    let at_once = json!({"end_old": true});
    let ended = creator.user.api.post(&rotate, &at_once).await;
    let secret = ended.status(201).text("/secret");
    endpoint.ping(&creator.user).await;
    let event = receiver.received(&creator.stack, 1).await.remove(0);
    assert_eq!(signatures(&event), 1);
    assert_eq!(
        (
            event.signatures(&endpoint.secret),
            event.signatures(&secret)
        ),
        (0, 1)
    );
}
