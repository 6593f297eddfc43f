//! Problems of connecting and synchronising a channel.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Account, Answer, Creator, SeededChannel, StandIn};

pub(super) async fn a_disconnected_channel_is_to_be_synchronised() -> Answer {
    let seeded = SeededChannel::new().await;
    seeded.stack.sql(&format!(
        "update public.channels set state = 'disconnected', state_reason = 'grant_revoked' where id = '{}'",
        seeded.channel
    ));
    synchronise(&seeded).await
}

pub(super) async fn a_channel_without_permission_to_read_is_to_be_synchronised() -> Answer {
    let seeded = SeededChannel::new().await;
    seeded.stack.sql(&format!(
        "update public.channels set features = '{{\"read\": false}}' where id = '{}'",
        seeded.channel
    ));
    synchronise(&seeded).await
}

async fn synchronise(seeded: &SeededChannel) -> Answer {
    let path = format!("/api/channels/{}/sync", seeded.channel);
    seeded.user.api.post(&path, &json!({})).await
}

pub(super) async fn a_channel_is_reconnected_as_another() -> Answer {
    let creator = Creator::new().await;
    let one = Account::create(&json!({ "title": "One" })).await;
    let account = creator.user.connect(one).await;
    let other = Account::create(&json!({ "title": "Another" })).await;
    let body = json!({ "channel_id": account.channel() });
    creator.user.consent(&other.name, &body).await
}

pub(super) async fn a_channel_of_others_is_connected() -> Answer {
    let (creator, other) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    other.user.consent(&account.name, &json!({})).await
}

async fn come_back(creator: &Creator, query: &str) -> Answer {
    let address = format!("{}/api/channels/callback{query}", creator.stack.api_url);
    creator.user.return_from_google(&address).await
}

pub(super) async fn a_consent_comes_back_with_a_forged_code() -> Answer {
    let creator = Creator::new().await;
    let page = creator.user.begin_consent(&json!({})).await;
    let page = reqwest::Url::parse(&page).expect("an address");
    let state = page.query_pairs().find(|(name, _)| name == "state");
    let state = state.expect("a state").1;
    come_back(&creator, &format!("?state={state}&code=forged")).await
}

pub(super) async fn a_consent_comes_back_with_an_unknown_state() -> Answer {
    come_back(&Creator::new().await, "?state=unknown&code=x").await
}

async fn consent_of(mut account: Value) -> Answer {
    let name = format!("acct-{}", Uuid::new_v4().simple());
    account["account"] = json!(name);
    StandIn::Google.control("accounts", &account).await;
    Creator::new().await.user.consent(&name, &json!({})).await
}

pub(super) async fn a_consent_is_refused() -> Answer {
    consent_of(json!({ "channel": {}, "refuses": true })).await
}

pub(super) async fn an_account_without_a_channel_consents() -> Answer {
    consent_of(json!({ "no_channel": true })).await
}
