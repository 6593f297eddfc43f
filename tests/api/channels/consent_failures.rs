//! Consents that do not succeed, or only in part: each says what to do.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Account, Answer, Creator, StandIn, assert_problem};

impl Creator {
    /// The consent of an account that is made like this.
    async fn consent_of(&self, mut account: Value) -> Answer {
        let name = format!("acct-{}", Uuid::new_v4().simple());
        account["account"] = json!(name);
        StandIn::Google.control("accounts", &account).await;
        self.user.consent(&name, &json!({})).await
    }

    /// Comes back from Google with any query.
    async fn return_with(&self, query: &str) -> Answer {
        let address = format!("{}/api/channels/callback{query}", self.stack.api_url);
        self.user.return_from_google(&address).await
    }
}

fn scope(name: &str) -> String {
    format!("https://www.googleapis.com/auth/{name}")
}

#[tokio::test]
async fn a_consent_that_is_refused_connects_nothing() {
    let creator = Creator::new().await;
    let account = json!({"channel": {}, "refuses": true});
    let refused = creator.consent_of(account).await;
    assert_problem(&refused, 403, "consent_refused");
    let listed = creator.user.api.get("/api/channels").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
}

#[tokio::test]
async fn an_account_without_a_channel_is_named() {
    let creator = Creator::new().await;
    let refused = creator.consent_of(json!({"no_channel": true})).await;
    assert_problem(&refused, 422, "no_channel");
}

#[tokio::test]
async fn a_consent_without_the_permission_to_read_fails() {
    let creator = Creator::new().await;
    let scopes = [scope("youtube.upload")];
    let account = json!({"channel": {}, "scopes_granted": scopes});
    let refused = creator.consent_of(account).await;
    assert_problem(&refused, 400, "consent_failed");
}

#[tokio::test]
async fn a_state_that_nobody_started_has_expired() {
    let creator = Creator::new().await;
    for query in [
        "?state=unknown&code=x",
        "?state=unknown&error=access_denied",
    ] {
        let refused = creator.return_with(query).await;
        assert_problem(&refused, 400, "state_expired");
    }
    for query in ["", "?code=x", "?error=access_denied"] {
        let refused = creator.return_with(query).await;
        assert_problem(&refused, 422, "invalid_body");
    }
}

#[tokio::test]
async fn a_forged_code_fails() {
    let creator = Creator::new().await;
    let page = creator.user.begin_consent(&json!({})).await;
    let page = reqwest::Url::parse(&page).expect("an address");
    let state = page
        .query_pairs()
        .find(|(name, _)| name == "state")
        .expect("a state")
        .1;
    let query = format!("?state={state}&code=forged");
    let refused = creator.return_with(&query).await;
    assert_problem(&refused, 400, "consent_failed");
}

#[tokio::test]
async fn a_permission_that_was_not_given_is_a_feature_less() {
    let creator = Creator::new().await;
    let scopes = [scope("youtube.readonly"), scope("youtube.upload")];
    let account = json!({"channel": {}, "scopes_granted": scopes});
    let channel = creator.consent_of(account).await.status(200);
    assert_eq!(
        channel.json["features"],
        json!({"read": true, "upload": true, "manage": false, "analytics": false})
    );
    let attention = channel.json["attention"].as_array().expect("a list");
    let codes: Vec<&Value> = attention.iter().map(|need| &need["code"]).collect();
    assert_eq!(
        codes,
        ["permission_manage_missing", "permission_analytics_missing"]
    );
}

#[tokio::test]
async fn a_grant_that_led_to_no_channel_is_ended_unless_a_channel_lives_on_it() {
    let (creator, other) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let fresh = Account::with_videos(1).await;
    let reconnect = json!({"channel_id": account.channel()});
    let refused = creator.user.consent(&fresh.name, &reconnect).await;
    assert_problem(&refused, 409, "channel_mismatch");
    assert_eq!(fresh.code_exchanges().await, 1);
    assert_eq!(fresh.live_grants().await, 0, "nothing here needs it");
    // All grants of an account end with any of its tokens: the channel that somebody has connected must not.
    let taken = other.user.consent(&account.name, &json!({})).await;
    assert_problem(&taken, 409, "channel_taken");
    assert!(
        account.live_grants().await > 0,
        "the owner's channel has lost its permission"
    );
    let path = format!("/api/channels/{}", account.channel());
    let channel = creator.user.api.get(&path).await.status(200);
    assert_eq!(channel.json["state"], "connected");
}
