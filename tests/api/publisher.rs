//! A user with a connected channel and finished renders, for tests that begin where rendering ends.

#![allow(
    dead_code,
    reason = "two test binaries share this, and neither uses all of it"
)]

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Account, Answer, Stack, StandIn, User};

/// How long a state may take to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// States in which nothing happens by itself any more.
pub(crate) const STILL: &[&str] = &[
    "on_youtube",
    "published",
    "needs_attention",
    "cancelled",
    "failed",
];

/// A user whose channel is connected through Google's consent page.
pub(crate) struct Publisher {
    pub(crate) stack: Arc<Stack>,
    pub(crate) user: User,
    pub(crate) account: Account,
}

/// A video file that the render service really serves.
pub(crate) struct Film {
    pub(crate) render: Uuid,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Publisher {
    pub(crate) async fn open() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        let account = user.connect_channel().await;
        Self {
            stack,
            user,
            account,
        }
    }

    pub(crate) fn join(&self, user: &User, role: &str) {
        self.stack.sql(&format!(
            "insert into public.users (id) values ('{id}') on conflict do nothing;
             insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{id}', '{role}')",
            id = user.id,
            channel = self.account.channel(),
        ));
    }

    /// Has a script rendered. How the script came to be is not what is tested here.
    pub(crate) async fn film(&self, bytes: u64) -> Film {
        let script = Uuid::new_v4();
        let mark = format!("mark{}", script.simple());
        let output = json!({
            "title": "Honey", "hook": format!("Honey never spoils, {mark}."), "beats": [{"heading": "Why", "spoken": "It is dry.", "visual": "A jar"}],
            "call_to_action": "Subscribe.",
        });
        self.stack.sql(&format!(
            "insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, status, output, content_hash,
               approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
             values ('{script}', '{script}', '{channel}', '{user}', 'script', 1, 'generated', 'approved', '{output}',
               private.content_hash('{output}'), private.content_hash('{output}'), 1, 'p', 1, 'm', 'v')",
            channel = self.account.channel(),
            user = self.user.id,
        ));
        StandIn::Revid
            .control(
                "knobs",
                &json!({ "body_contains": mark, "file_bytes": bytes }),
            )
            .await;
        let asked = self
            .user
            .api
            .post("/api/video/render", &json!({ "content_id": script }))
            .await
            .status(202);
        let path = format!("/api/video/{}", asked.id());
        let ready = self
            .user
            .api
            .until_field(
                &self.stack,
                &path,
                "/state",
                &["ready", "failed", "cancelled"],
                PATIENCE,
            )
            .await;
        assert_eq!(ready.json["state"], "ready", "{ready}");
        Film {
            render: ready.id().parse().expect("an id"),
            bytes,
            sha256: ready.text("/file/sha256"),
        }
    }

    /// A render of which there is nothing but its row, in this state.
    pub(crate) fn render_row(&self, state: &str) -> Uuid {
        let id = Uuid::new_v4();
        let way: &[&str] = match state {
            "requested" => &[],
            "queued" => &["submitting", "queued"],
            "cancelled" => &["cancelled"],
            other => panic!("no way to {other}"),
        };
        let mut sql = format!(
            "insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
             values ('{id}', '{}', 'h', '{{}}', 1, 'worst_case');",
            self.account.channel()
        );
        for next in way {
            sql += &format!(
                "update public.renders set state = '{next}', provider_job_id = case '{next}' when 'queued' then '{id}' end where id = '{id}';"
            );
        }
        self.stack.sql(&sql);
        id
    }

    /// A body that schedules this render, with what `more` says else.
    pub(crate) fn body(render: Uuid, publish_at: Timestamp, more: Value) -> Value {
        let mut body = json!({
            "render_id": render, "title": format!("Honey {}", render.simple()), "description": "It never spoils.",
            "tags": ["honey", "food facts"], "made_for_kids": false, "altered_content": true, "publish_at": publish_at,
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    }

    /// Schedules a render so many hours from now.
    pub(crate) async fn schedule(&self, render: Uuid, hours: i64) -> Answer {
        let at = self.hours(hours).await;
        self.user
            .api
            .post("/api/schedule", &Self::body(render, at, json!({})))
            .await
            .status(201)
    }

    /// So many hours from now, in whole seconds.
    pub(crate) async fn hours(&self, hours: i64) -> Timestamp {
        let at = self.stack.now().await + SignedDuration::from_hours(hours);
        Timestamp::from_second(at.as_second()).expect("a time")
    }

    pub(crate) async fn get(&self, id: &str) -> Answer {
        self.user
            .api
            .get(&format!("/api/schedule/{id}"))
            .await
            .status(200)
    }

    /// Follows an upload until it is in one of these states.
    pub(crate) async fn follow(&self, id: &str, states: &[&str]) -> Answer {
        self.follow_field(id, "/state", states).await
    }

    pub(crate) async fn follow_field(&self, id: &str, field: &str, values: &[&str]) -> Answer {
        let path = format!("/api/schedule/{id}");
        self.user
            .api
            .until_field(&self.stack, &path, field, values, PATIENCE)
            .await
    }

    /// Follows an upload to this state; fails when it comes to rest in another.
    pub(crate) async fn reach(&self, id: &str, state: &str) -> Answer {
        let states: Vec<&str> = STILL.iter().copied().chain([state]).collect();
        let answer = self.follow(id, &states).await;
        assert_eq!(answer.json["state"], state, "{answer}");
        answer
    }

    /// A film that is on YouTube as private, so many hours before its time.
    pub(crate) async fn on_youtube(&self, hours: i64) -> Answer {
        let film = self.film(600_000).await;
        let upload = self.schedule(film.render, hours).await;
        self.reach(&upload.id(), "on_youtube").await
    }

    /// What was uploaded to the channel, as the world outside sees it.
    pub(crate) async fn videos(&self) -> Vec<Value> {
        self.world().await["videos_created"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The only video that was uploaded to the channel.
    #[track_caller]
    pub(crate) fn only(videos: &[Value]) -> &Value {
        assert_eq!(videos.len(), 1, "exactly one video: {videos:?}");
        &videos[0]
    }

    /// Everything YouTube holds of this account. Fails when the client ever did what no correct client does.
    pub(crate) async fn world(&self) -> Value {
        let world = StandIn::Youtube
            .state(&format!("?account={}", self.account.name))
            .await;
        assert_eq!(world["violations"], json!([]), "{world}");
        world
    }

    /// Sets knobs of YouTube for this account alone.
    pub(crate) async fn knobs(&self, mut knobs: Value) {
        knobs["account"] = json!(self.account.name);
        StandIn::Youtube.control("knobs", &knobs).await;
    }

    /// Arms a fault of YouTube for this account alone.
    pub(crate) async fn fault(&self, fault: Value) {
        self.account.fault(StandIn::Youtube, fault).await;
    }
}
