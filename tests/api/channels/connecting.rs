//! Through Google's consent page to a connected channel.

use serde_json::json;

use crate::support::{Account, Answer, Creator, assert_problem, plain_client};

#[tokio::test]
async fn a_connected_channel_has_its_owners_time_zone_and_all_features() {
    let creator = Creator::new().await;
    let zone = json!({"time_zone": "Europe/Berlin"});
    creator.user.api.patch("/api/me", &zone).await.ok();
    let account = creator.user.connect_channel(5).await;
    let path = format!("/api/channels/{}", account.channel());
    let channel = creator.user.api.get(&path).await.status(200);
    assert_eq!(
        channel.json["youtube_channel_id"],
        account.youtube_channel_id
    );
    assert_eq!(channel.json["state"], "connected");
    assert_eq!(channel.json["time_zone"], "Europe/Berlin");
    assert_eq!(
        channel.json["features"],
        json!({"read": true, "upload": true, "manage": true, "analytics": true})
    );
    assert_eq!(channel.json["attention"], json!([]));
    assert!(channel.header("etag").is_some());
    let listed = creator.user.api.get("/api/channels").await.status(200);
    assert_eq!(listed.items().len(), 1);
}

#[tokio::test]
async fn channels_come_in_pages() {
    let creator = Creator::new().await;
    for _ in 0..3 {
        creator.user.connect_channel(1).await;
    }
    let listed = creator.user.api.all_items("/api/channels", 2).await;
    let ids: std::collections::BTreeSet<String> = listed
        .iter()
        .map(|channel| channel["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn the_callback_decides_nothing_and_uses_nothing_up() {
    let creator = Creator::new().await;
    let account = Account::with_videos(1).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    let mut places = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let landed = Answer::of(plain_client().get(&back)).await.status(303);
        assert!(landed.body.is_empty(), "{landed}");
        let place = landed.header("location").expect("an address").to_owned();
        let own = format!("{}/connected#state=", creator.stack.api_url);
        assert!(place.starts_with(&own), "{place}");
        places.insert(place);
    }
    assert_eq!(places.len(), 1);
    assert_eq!(account.code_exchanges().await, 0);
    creator.user.return_from_google(&back).await.status(200);
}

#[tokio::test]
async fn a_finished_consent_gives_its_channel_again_and_asks_google_once() {
    let creator = Creator::new().await;
    let account = Account::with_videos(1).await;
    let body = json!({"return_to": "/settings?tab=channels"});
    let page = creator.user.begin_consent(&body).await;
    let back = creator.user.approve(&page, &account.name).await;
    let first = creator.user.return_from_google(&back).await.status(200);
    let again = creator.user.return_from_google(&back).await.status(200);
    assert_eq!(first.id(), again.id());
    assert_eq!(account.code_exchanges().await, 1);
    let return_to = format!("{}/settings?tab=channels", creator.stack.api_url);
    assert_eq!(again.json["return_to"], return_to);
}

#[tokio::test]
async fn a_consent_that_somebody_else_has_started_gives_them_nothing() {
    let (attacker, victim) = (Creator::new().await, Creator::new().await);
    let account = Account::with_videos(1).await;
    let page = attacker.user.begin_consent(&json!({})).await;
    // The victim is sent the address, sees the true consent of the true app, and agrees.
    let back = victim.user.approve(&page, &account.name).await;
    let planted = victim.user.return_from_google(&back).await;
    assert_problem(&planted, 400, "state_expired");
    assert_eq!(account.code_exchanges().await, 0, "no token is made of it");
    for creator in [&attacker, &victim] {
        let listed = creator.user.api.get("/api/channels").await.status(200);
        assert_eq!(listed.json["items"], json!([]));
    }
    assert_eq!(account.live_grants().await, 0);
}

#[tokio::test]
async fn nobody_finishes_a_consent_without_signing_in() {
    let creator = Creator::new().await;
    let account = Account::with_videos(1).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    let url = format!("{}/api/channels/connect/finish", creator.stack.api_url);
    let landed = Answer::of(plain_client().get(&back)).await.status(303);
    let (_, fragment) = landed
        .header("location")
        .unwrap_or_default()
        .split_once("#state=")
        .expect("a state");
    let (state, code) = fragment.split_once("&code=").expect("a code");
    let request = plain_client()
        .post(url)
        .json(&json!({"state": state, "code": code}));
    assert_problem(&Answer::of(request).await, 401, "token_missing");
    creator.user.return_from_google(&back).await.status(200);
}

#[tokio::test]
async fn nobody_is_led_to_another_origin_after_the_consent() {
    let creator = Creator::new().await;
    for return_to in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "channels",
    ] {
        let body = json!({ "return_to": return_to });
        let refused = creator.user.api.post("/api/channels/connect", &body).await;
        assert_problem(&refused, 422, "invalid_body");
    }
}

#[tokio::test]
async fn reconnecting_keeps_settings_and_refuses_another_channel() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(3).await;
    let other = Account::with_videos(1).await;
    let path = format!("/api/channels/{}", account.channel());
    creator
        .user
        .api
        .patch(&path, &json!({"banned_topics": ["politics"]}))
        .await
        .status(200);

    let body = json!({"channel_id": account.channel()});
    let refused = creator.user.consent(&other.name, &body).await;
    assert_problem(&refused, 409, "channel_mismatch");
    assert_eq!(
        creator.user.api.get("/api/channels").await.json["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let again = creator.user.consent(&account.name, &body).await.status(200);
    assert_eq!(again.id(), account.channel().to_string());
    assert_eq!(again.json["banned_topics"], json!(["politics"]));
}

#[tokio::test]
async fn tokens_of_google_are_stored_encrypted_only() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(1).await;
    let stored = creator.stack.sql(&format!(
        "select refresh_token || ' ' || access_token from private.channel_credentials where channel_id = '{}'", account.channel()
    ));
    assert!(
        stored.split(' ').all(|token| token.starts_with("v1.")),
        "{stored}"
    );
    assert!(!stored.contains("fake-"), "{stored}");
}
