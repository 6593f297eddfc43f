//! A user with a channel and approved scripts, for tests that begin where generating ends.

#![allow(
    dead_code,
    reason = "two test binaries share this, and neither uses all of it"
)]

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Stack, StandIn, User};

/// How long a state may take to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// States of a render that is over.
pub(crate) const OVER: &[&str] = &["ready", "failed", "cancelled"];

/// A user with a channel of their own. Channel and scripts are put into place directly: how they come to be is not
/// what is tested here.
pub(crate) struct Studio {
    pub(crate) stack: Arc<Stack>,
    pub(crate) user: User,
    pub(crate) channel: Uuid,
}

/// A script. `mark` is a word that nobody else's script holds, to narrow what the stand-in does.
pub(crate) struct Script {
    pub(crate) id: Uuid,
    pub(crate) mark: String,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        let channel = Uuid::new_v4();
        stack.sql(&format!(
            "insert into public.users (id) values ('{id}') on conflict do nothing;
             insert into public.channels (id, youtube_channel_id, title) values ('{channel}', 'UC{channel}', 'Studio');
             insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{id}', 'owner')",
            id = user.id,
        ));
        Self {
            stack,
            user,
            channel,
        }
    }

    pub(crate) fn join(&self, user: &User, role: &str) {
        self.stack.sql(&format!(
            "insert into public.users (id) values ('{id}') on conflict do nothing;
             insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{id}', '{role}')",
            id = user.id,
            channel = self.channel,
        ));
    }

    pub(crate) fn content(&self, kind: &str, status: &str) -> Script {
        let id = Uuid::new_v4();
        let mark = format!("mark{}", id.simple());
        let output = json!({
            "title": "Honey", "hook": format!("Honey never spoils, {mark}."), "beats": [{"heading": "Why", "spoken": "It is dry. It is sour.", "visual": "A jar"}],
            "call_to_action": "Subscribe.",
        });
        self.stack.sql(&format!(
            "insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, status, output, content_hash,
               approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
             values ('{id}', '{id}', '{channel}', '{user}', '{kind}', 1, 'generated', '{status}', '{output}', private.content_hash('{output}'),
               case '{status}' when 'approved' then private.content_hash('{output}') end, 1, 'p', 1, 'm', 'v')",
            channel = self.channel,
            user = self.user.id,
        ));
        Script { id, mark }
    }

    pub(crate) fn script(&self) -> Script {
        self.content("script", "approved")
    }

    /// A script for which the stand-in behaves in a certain way.
    pub(crate) async fn script_with(&self, mut knobs: Value) -> Script {
        let script = self.script();
        knobs["body_contains"] = json!(script.mark);
        StandIn::Revid.control("knobs", &knobs).await;
        script
    }

    pub(crate) async fn ask(&self, script: &Script) -> Answer {
        let body = json!({ "content_id": script.id });
        self.user.api.post("/api/video/render", &body).await
    }

    /// Asks for a render and follows it until it is in one of these states.
    pub(crate) async fn render_until(&self, script: &Script, states: &[&str]) -> Answer {
        let asked = self.ask(script).await.status(202);
        self.follow(&asked.id(), states).await
    }

    pub(crate) async fn follow(&self, render: &str, states: &[&str]) -> Answer {
        let path = format!("/api/video/{render}");
        self.user
            .api
            .until_field(&self.stack, &path, "/state", states, PATIENCE)
            .await
    }

    /// How many renders of this month are counted.
    pub(crate) fn counted(&self) -> i64 {
        let counted = self.stack.sql(&format!(
            "select coalesce(sum(renders), 0) from public.usage_counters where user_id = '{}'",
            self.user.id
        ));
        counted.parse().expect("a number")
    }
}

impl Script {
    /// What the stand-in was made to render for this script.
    pub(crate) async fn charged(&self) -> Vec<Value> {
        let state = StandIn::Revid
            .state(&format!("?contains={}", self.mark))
            .await;
        state["renders"].as_array().cloned().unwrap_or_default()
    }

    /// Address of the callback that the stand-in was given, as a path.
    pub(crate) async fn callback(&self) -> String {
        let render = self.charged().await.pop().expect("a render");
        let url = render["webhook_url"].as_str().expect("a callback");
        let path = url.find("/api/").expect("a path");
        url[path..].to_owned()
    }
}
