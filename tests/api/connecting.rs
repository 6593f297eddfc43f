//! What the tests of channels share: going through Google's consent with every choice it leaves.

#![allow(
    dead_code,
    reason = "two test binaries share this, and neither uses all of it"
)]

use std::{sync::Arc, time::Duration};

use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Account, Answer, Stack, StandIn, User};

/// How long a synchronisation may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A user and the stack they live on.
pub(crate) struct Creator {
    pub(crate) stack: Arc<Stack>,
    pub(crate) user: User,
}

impl Creator {
    pub(crate) async fn new() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        Self { stack, user }
    }

    /// Starts a consent; the address of Google's page.
    pub(crate) async fn begin(&self, body: &Value) -> String {
        let started = self.user.api.post("/api/channels/connect", body).await;
        started.status(201).text("/authorization_url")
    }

    /// Goes to Google's page for an account: where Google sends the browser.
    pub(crate) async fn approve(&self, page: &str, account: &str) -> String {
        let answer = Answer::of(client().get(format!("{page}&login_hint={account}"))).await;
        answer
            .header("location")
            .unwrap_or_else(|| panic!("the consent page led nowhere: {answer}"))
            .to_owned()
    }

    /// Follows Google back, as a program that understands JSON.
    pub(crate) async fn land(&self, back: &str) -> Answer {
        Answer::of(client().get(back).header(ACCEPT, "application/json")).await
    }

    /// The whole way.
    pub(crate) async fn consent(&self, account: &str, body: &Value) -> Answer {
        let page = self.begin(body).await;
        let back = self.approve(&page, account).await;
        self.land(&back).await
    }

    /// Connects a new account with so many videos.
    pub(crate) async fn connect(&self, videos: usize) -> Account {
        let mut account =
            Account::create(&json!({ "generated": { "videos": videos, "seed": 11 } })).await;
        let channel = self.consent(&account.name, &json!({})).await.status(200);
        account.channel_id = channel.id().parse().ok();
        account
    }

    /// Waits for a state of the synchronisation.
    pub(crate) async fn synced(&self, channel: Uuid, states: &[&str]) -> Answer {
        let path = format!("/api/channels/{channel}");
        self.user
            .api
            .until_field(&self.stack, &path, "/sync/state", states, PATIENCE)
            .await
    }

    /// Asks for a synchronisation and waits for its end.
    pub(crate) async fn sync(&self, channel: Uuid) -> Answer {
        let finished = format!(
            "select coalesce((extract(epoch from refresh_at) * 1e6)::bigint, 0) from private.channel_syncs where channel_id = '{channel}' and phase = 'idle'"
        );
        let before = self.count(&finished);
        let path = format!("/api/channels/{channel}/sync");
        self.user.api.post(&path, &json!({})).await.status(202);
        crate::support::until("the next synchronisation", PATIENCE, async || {
            self.stack.dispatch().await;
            let after = self.count(&finished);
            if after > before {
                Ok(())
            } else {
                Err(format!("{after} after {before}"))
            }
        })
        .await;
        self.synced(channel, &["idle"]).await
    }

    /// A number out of the database.
    pub(crate) fn count(&self, statement: &str) -> i64 {
        let text = self.stack.sql(statement);
        text.parse().unwrap_or(0)
    }
}

/// Calls of one operation that an account's tokens made.
pub(crate) async fn calls(at: StandIn, account: &Account, operation: &str) -> Vec<Value> {
    at.calls(&format!("?account={}&operation={operation}", account.name))
        .await
}

pub(crate) fn client() -> reqwest::Client {
    crate::support::plain_client()
}
