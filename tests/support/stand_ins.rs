//! The stand-ins of the outside services: what they hold, and what goes wrong at them.

use std::env;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, OnDrop, plain_client};

/// One of the outside services.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StandIn {
    Google,
    Youtube,
    Gemini,
    Revid,
    Slack,
}

impl StandIn {
    /// Where it listens.
    pub(crate) fn url(self) -> String {
        let name = match self {
            Self::Google => "FAKE_GOOGLE_URL",
            Self::Youtube => "FAKE_YOUTUBE_URL",
            Self::Gemini => "FAKE_GEMINI_URL",
            Self::Revid => "FAKE_REVID_URL",
            Self::Slack => "FAKE_SLACK_URL",
        };
        env::var(name).unwrap_or_else(|_| {
            panic!("{name} is not set: run this test under `catalyst-dev exec`")
        })
    }

    /// What the world outside holds. `query` narrows it, for example `?channel=UC…`.
    pub(crate) async fn state(self, query: &str) -> Value {
        Answer::of(plain_client().get(format!("{}/_state{query}", self.url())))
            .await
            .ok()
            .json
    }

    /// The calls it was sent. `query` narrows them, for example `?account=…&operation=videos.insert`.
    pub(crate) async fn calls(self, query: &str) -> Vec<Value> {
        let answer =
            Answer::of(plain_client().get(format!("{}/_control/calls{query}", self.url())))
                .await
                .ok();
        answer.json["calls"].as_array().cloned().unwrap_or_default()
    }

    /// Arms a fault; its id. In `tests/api`, narrow it by `account`, `channel` or `body_contains`: other tests call as well.
    pub(crate) async fn fault(self, fault: &Value) -> u64 {
        let armed = self.control("faults", fault).await;
        armed["id"].as_u64().expect("the fault's id")
    }

    /// Arms a fault until the guard is dropped.
    pub(crate) async fn fault_until_dropped(self, fault: &Value) -> OnDrop {
        let path = format!("faults?id={}", self.fault(fault).await);
        OnDrop::control(self.url(), "DELETE", path, Value::Null)
    }

    /// Sets knobs, and these others when the guard is dropped.
    pub(crate) async fn knobs_until_dropped(self, knobs: &Value, afterwards: Value) -> OnDrop {
        self.control("knobs", knobs).await;
        OnDrop::control(self.url(), "POST", "knobs".into(), afterwards)
    }

    /// How many calls a fault has hit.
    pub(crate) async fn hits(self, fault: u64) -> u64 {
        let armed = Answer::of(plain_client().get(format!("{}/_control/faults", self.url())))
            .await
            .ok();
        let armed = armed.json.as_array().cloned().unwrap_or_default();
        let hits = armed.iter().find(|armed| armed["fault"]["id"] == fault);
        hits.and_then(|armed| armed["hit"].as_u64())
            .expect("the fault is armed")
    }

    /// Sets knobs, or anything else under `/_control`.
    pub(crate) async fn control(self, path: &str, body: &Value) -> Value {
        Answer::of(
            plain_client()
                .post(format!("{}/_control/{path}", self.url()))
                .json(body),
        )
        .await
        .ok()
        .json
    }
}

/// A Google account and its YouTube channel at the stand-ins.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The account's name, to narrow faults and calls with.
    pub(crate) name: String,
    /// YouTube's id of its channel.
    pub(crate) youtube_channel_id: String,
    /// The product's id of the channel, once it is connected.
    pub(crate) channel_id: Option<Uuid>,
}

impl Account {
    /// Makes an account with a channel: `{"generated": {"videos": 40}}`, `{"rows": […]}`, or `{}`.
    pub(crate) async fn create(channel: &Value) -> Self {
        let name = format!("acct-{}", Uuid::new_v4().simple());
        let made = StandIn::Google
            .control("accounts", &json!({ "account": name, "channel": channel }))
            .await;
        let id = made["channel"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no channel in {made}"))
            .to_owned();
        Self {
            name,
            youtube_channel_id: id,
            channel_id: None,
        }
    }

    /// Makes an account whose channel has so many made-up videos.
    pub(crate) async fn with_videos(videos: usize) -> Self {
        Self::create(&json!({ "generated": { "videos": videos, "seed": 11 } })).await
    }

    /// The product's id of the connected channel.
    #[track_caller]
    pub(crate) fn channel(&self) -> Uuid {
        self.channel_id.expect("the account is connected")
    }

    /// Arms a fault for this account's calls alone.
    pub(crate) async fn fault(&self, at: StandIn, mut fault: Value) -> u64 {
        fault["account"] = json!(self.name);
        at.fault(&fault).await
    }

    /// The calls of one operation that were made with this account's tokens.
    pub(crate) async fn calls(&self, at: StandIn, operation: &str) -> Vec<Value> {
        at.calls(&format!("?account={}&operation={operation}", self.name))
            .await
    }

    /// Changes the account at Google.
    pub(crate) async fn change(&self, change: &Value) {
        StandIn::Google
            .control(&format!("accounts/{}", self.name), change)
            .await;
    }

    /// Refresh tokens of the account that Google still accepts.
    pub(crate) async fn live_grants(&self) -> u64 {
        self.number("refresh_tokens_live").await
    }

    /// How many codes of the account were exchanged for tokens.
    pub(crate) async fn code_exchanges(&self) -> u64 {
        self.number("code_exchanges").await
    }

    /// How often an access token was renewed.
    pub(crate) async fn refreshes(&self) -> u64 {
        self.number("refreshes").await
    }

    async fn number(&self, name: &str) -> u64 {
        let state = StandIn::Google.state("").await;
        state["accounts"][&self.name][name]
            .as_u64()
            .expect("a count")
    }

    /// Takes the consent back at Google.
    pub(crate) async fn revoke(&self) {
        self.change(&json!({ "revoke": true })).await;
    }
}
