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
async fn a_browser_gets_a_page_that_runs_nothing_of_the_channels_title() {
    let creator = Creator::new().await;
    let title =
        json!({"title": "<script>alert(1)</script>", "generated": {"videos": 1, "seed": 1}});
    let account = Account::create(&title).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    let request = plain_client().get(&back).header("accept", "text/html,*/*");
    let landed = Answer::of(request).await.status(200);
    assert!(
        landed
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    assert!(landed.header("content-security-policy").is_some());
    let html = String::from_utf8_lossy(&landed.body);
    assert!(
        html.contains("is connected") && !html.contains("<script>alert"),
        "{html}"
    );
}

#[tokio::test]
async fn no_state_works_twice() {
    let creator = Creator::new().await;
    let account = Account::with_videos(1).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    creator.user.return_from_google(&back).await.status(200);
    let again = creator.user.return_from_google(&back).await;
    assert_problem(&again, 400, "state_expired");
    let page = Answer::of(plain_client().get(&back)).await.status(400);
    assert!(String::from_utf8_lossy(&page.body).contains("Connect the channel again"));
}

#[tokio::test]
async fn a_state_belongs_to_the_user_who_started_it() {
    let creator = Creator::new().await;
    let thief = Creator::new().await;
    let account = Account::with_videos(1).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    let with = |token: &str| {
        let request = plain_client().get(&back);
        let request = request.header("accept", "application/json");
        Answer::of(request.bearer_auth(token))
    };
    let stolen = with(&thief.user.access_token).await;
    assert_problem(&stolen, 400, "state_expired");
    assert_problem(&with("not.a.token").await, 401, "token_invalid");
    let channel = with(&creator.user.access_token).await.status(200);
    assert_eq!(
        channel.json["youtube_channel_id"],
        account.youtube_channel_id
    );
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
