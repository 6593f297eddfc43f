//! Rows that are put straight into the database, for tests that begin where others end: what a route would take minutes or
//! money for, and people whom no route can add.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Stack, StandIn, User};

/// States of a render that is over.
pub(crate) const OVER: &[&str] = &["ready", "failed", "cancelled"];

/// A script. `mark` is a word that nobody else's script holds, to narrow what the stand-in does.
pub(crate) struct Script {
    pub(crate) id: Uuid,
    pub(crate) mark: String,
}

impl Stack {
    /// A user without a password, whose tokens are made by a [`TokenSigner`](super::TokenSigner).
    pub(crate) fn seeded_user(&self) -> Uuid {
        let id = Uuid::new_v4();
        self.sql(&format!(
            "insert into auth.users (id, email) values ('{id}', '{id}@example.com');
             insert into public.users (id) values ('{id}')"
        ));
        id
    }

    /// A channel of an owner, of which YouTube knows nothing.
    pub(crate) fn seeded_channel(&self, owner: Uuid) -> Uuid {
        let id = Uuid::new_v4();
        // At once: a channel without an owner is erased.
        self.sql(&format!(
            "insert into public.users (id) values ('{owner}') on conflict do nothing;
             insert into public.channels (id, youtube_channel_id, title) values ('{id}', 'UC-{id}', 'Seeded');
             insert into public.channel_members (channel_id, user_id, role) values ('{id}', '{owner}', 'owner')"
        ));
        id
    }

    /// Gives a user a role on a channel.
    pub(crate) fn seeded_member(&self, channel: Uuid, user: Uuid, role: &str) {
        self.sql(&format!(
            "insert into public.users (id) values ('{user}') on conflict do nothing;
             insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{user}', '{role}')
             on conflict (channel_id, user_id) do update set role = excluded.role"
        ));
    }

    /// Limits of a user that are not the usual ones.
    pub(crate) fn seeded_plan(&self, user: Uuid, plan: &Value) {
        self.sql(&format!(
            "insert into public.users (id) values ('{user}') on conflict do nothing;
             update public.users set plan = '{plan}' where id = '{user}'"
        ));
    }

    /// Generated content that nobody generated.
    pub(crate) fn seeded_content(
        &self,
        channel: Uuid,
        author: Uuid,
        kind: &str,
        state: &str,
    ) -> Script {
        let id = Uuid::new_v4();
        let mark = format!("mark{}", id.simple());
        let output = json!({
            "title": "Honey", "hook": format!("Honey never spoils, {mark}."),
            "beats": [{"heading": "Why", "spoken": "It is dry. It is sour.", "visual": "A jar"}], "call_to_action": "Subscribe.",
        });
        self.sql(&format!(
            "insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, output, content_hash,
               approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
             values ('{id}', '{id}', '{channel}', '{author}', '{kind}', 1, 'generated', '{state}', '{output}',
               private.content_hash('{output}'), case '{state}' when 'approved' then private.content_hash('{output}') end,
               1, 'p', 1, 'm', 'v')"
        ));
        Script { id, mark }
    }

    /// A render in this state, of which the render service knows nothing.
    pub(crate) fn seeded_render(&self, channel: Uuid, state: &str) -> Uuid {
        let id = Uuid::new_v4();
        let states: &[&str] = match state {
            "requested" => &[],
            "queued" => &["submitting", "queued"],
            "cancelled" => &["cancelled"],
            other => panic!("no way to {other}"),
        };
        let mut sql = format!(
            "insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
             values ('{id}', '{channel}', 'h', '{{}}', 1, 'provider');"
        );
        for next in states {
            sql += &format!(
                "update public.renders set state = '{next}', provider_job_id = case '{next}' when 'queued' then '{id}' end where id = '{id}';"
            );
        }
        self.sql(&sql);
        id
    }
}

/// A user with a seeded channel. `tests/api/rendering` and `tests/api/content` add what they need.
pub(crate) struct SeededChannel {
    pub(crate) stack: Arc<Stack>,
    pub(crate) user: User,
    pub(crate) channel: Uuid,
}

impl SeededChannel {
    pub(crate) async fn new() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        stack.seeded_plan(user.id, &json!({}));
        let channel = stack.seeded_channel(user.id);
        Self {
            stack,
            user,
            channel,
        }
    }

    /// Content of this kind and state.
    pub(crate) fn seeded_content(&self, kind: &str, state: &str) -> Script {
        self.stack
            .seeded_content(self.channel, self.user.id, kind, state)
    }

    /// An approved script.
    pub(crate) fn seeded_script(&self) -> Script {
        self.seeded_content("script", "approved")
    }

    /// An approved script for which the render service behaves in a certain way.
    pub(crate) async fn seeded_script_with(&self, mut knobs: Value) -> Script {
        let script = self.seeded_script();
        knobs["body_contains"] = json!(script.mark);
        StandIn::Revid.control("knobs", &knobs).await;
        script
    }

    pub(crate) async fn request_render(&self, script: &Script) -> Answer {
        let body = json!({ "content_id": script.id });
        self.user.api.post("/api/video/render", &body).await
    }

    /// Asks for a render and follows it until it is in one of these states.
    pub(crate) async fn render_until(&self, script: &Script, states: &[&str]) -> Answer {
        let asked = self.request_render(script).await.status(202);
        self.follow_render(&asked.id(), states).await
    }

    pub(crate) async fn follow_render(&self, render: &str, states: &[&str]) -> Answer {
        let path = format!("/api/video/{render}");
        self.user
            .api
            .until_field(&self.stack, &path, "/state", states)
            .await
    }

    /// What this month counts of the user: `renders`, `generations`, `cost_micros`, `reserved_micros`.
    pub(crate) fn usage(&self, column: &str) -> i64 {
        self.stack.count(&format!(
            "select coalesce(sum({column}), 0) from public.usage_counters where user_id = '{}'",
            self.user.id
        ))
    }
}

impl Script {
    /// Arms a fault of the render service for the calls of this script alone; its id.
    pub(crate) async fn fault(&self, mut fault: Value) -> u64 {
        fault["body_contains"] = json!(self.mark);
        StandIn::Revid.fault(&fault).await
    }

    /// What the stand-in was made to render for this script.
    pub(crate) async fn charged(&self) -> Vec<Value> {
        let query = format!("?contains={}", self.mark);
        let state = StandIn::Revid.state(&query).await;
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
