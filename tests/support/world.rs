//! The stand-ins of the outside services: what they hold, and what goes wrong at them.

use std::env;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, client};

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
        Answer::of(client().get(format!("{}/_state{query}", self.url())))
            .await
            .ok()
            .json
    }

    /// The calls it was sent. `query` narrows them, for example `?account=…&operation=videos.insert`.
    pub(crate) async fn calls(self, query: &str) -> Vec<Value> {
        let answer = Answer::of(client().get(format!("{}/_control/calls{query}", self.url())))
            .await
            .ok();
        answer.json["calls"].as_array().cloned().unwrap_or_default()
    }

    /// Arms a fault. In `tests/api`, narrow it by `account`, `channel` or `body_contains`: other tests call as well.
    pub(crate) async fn fault(self, fault: &Value) {
        self.control("faults", fault).await;
    }

    /// The faults that are armed, and how often each has hit.
    pub(crate) async fn faults(self) -> Vec<Value> {
        let answer = Answer::of(client().get(format!("{}/_control/faults", self.url())))
            .await
            .ok();
        answer.json.as_array().cloned().unwrap_or_default()
    }

    /// Disarms every fault. Only for `tests/flows`.
    pub(crate) async fn heal(self) {
        Answer::of(client().delete(format!("{}/_control/faults", self.url())))
            .await
            .ok();
    }

    /// Sets knobs, or anything else under `/_control`.
    pub(crate) async fn control(self, path: &str, body: &Value) -> Value {
        Answer::of(
            client()
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

    /// The product's id of the connected channel.
    #[track_caller]
    pub(crate) fn channel(&self) -> Uuid {
        self.channel_id.expect("the account is connected")
    }

    /// Arms a fault for this account's calls alone.
    pub(crate) async fn fault(&self, at: StandIn, mut fault: Value) {
        fault["account"] = json!(self.name);
        at.fault(&fault).await;
    }

    /// Takes the consent back at Google.
    pub(crate) async fn revoke(&self) {
        let url = format!("{}/_control/accounts/{}", StandIn::Google.url(), self.name);
        Answer::of(client().post(url).json(&json!({ "revoke": true })))
            .await
            .ok();
    }
}
