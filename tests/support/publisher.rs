//! A user with a connected channel and rendered videos, for tests that begin where rendering ends.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Account, Answer, OVER, Stack, StandIn, User};

/// States in which nothing happens by itself any more.
const AT_REST: &[&str] = &[
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
pub(crate) struct RenderedVideo {
    pub(crate) render: Uuid,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Publisher {
    pub(crate) async fn new() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        let account = user.connect_channel(40).await;
        Self {
            stack,
            user,
            account,
        }
    }

    /// Has a script written, approved and rendered: a video of so many bytes.
    pub(crate) async fn render(&self, bytes: u64) -> RenderedVideo {
        let api = &self.user.api;
        let brief =
            json!({ "channel_id": self.account.channel(), "topic": "Honey", "target_seconds": 60 });
        let script = api.post("/api/generate/script", &brief).await.status(201);
        // A word of its own in the script, to tell this render from all others.
        let mark = format!("mark{}", Uuid::new_v4().simple());
        let mut output = script.json["output"].clone();
        output["hook"] = json!(format!("Honey never spoils, {mark}."));
        let path = format!("/api/content/{}", script.id());
        let edited = api
            .patch(&path, &json!({ "output": output }))
            .await
            .status(200);
        let path = format!("/api/content/{}", edited.id());
        api.patch(&path, &json!({ "decision": "approve" }))
            .await
            .status(200);

        let knobs = json!({ "body_contains": mark, "file_bytes": bytes });
        StandIn::Revid.control("knobs", &knobs).await;
        let body = json!({ "content_id": edited.id() });
        let asked = api.post("/api/video/render", &body).await.status(202);
        let path = format!("/api/video/{}", asked.id());
        let ready = api.until_field(&self.stack, &path, "/state", OVER).await;
        assert_eq!(ready.json["state"], "ready", "{ready}");
        RenderedVideo {
            render: ready.id().parse().expect("an id"),
            bytes,
            sha256: ready.text("/file/sha256"),
        }
    }

    /// A render of which there is nothing but its row, in this state.
    pub(crate) fn seeded_render(&self, state: &str) -> Uuid {
        self.stack.seeded_render(self.account.channel(), state)
    }

    /// Schedules a seeded render so many hours from now.
    pub(crate) async fn schedule_seeded(&self, hours: i64) -> Answer {
        self.schedule(self.seeded_render("requested"), hours).await
    }

    /// Renders a video of so many bytes, and schedules it so many hours from now.
    pub(crate) async fn render_and_schedule(
        &self,
        bytes: u64,
        hours: i64,
    ) -> (RenderedVideo, Answer) {
        let video = self.render(bytes).await;
        let upload = self.schedule(video.render, hours).await;
        (video, upload)
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

    /// Asks for the upload of a render so many hours from now, with what `more` says else.
    pub(crate) async fn request_upload(&self, render: Uuid, hours: i64, more: Value) -> Answer {
        let body = Self::body(render, self.hours(hours).await, more);
        self.user.api.post("/api/schedule", &body).await
    }

    /// Schedules a render so many hours from now.
    pub(crate) async fn schedule(&self, render: Uuid, hours: i64) -> Answer {
        let asked = self.request_upload(render, hours, json!({})).await;
        asked.status(201)
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
            .until_field(&self.stack, &path, field, values)
            .await
    }

    /// Follows an upload to this state; fails when it comes to rest in another.
    pub(crate) async fn reach(&self, id: &str, state: &str) -> Answer {
        let states: Vec<&str> = AT_REST.iter().copied().chain([state]).collect();
        let answer = self.follow(id, &states).await;
        assert_eq!(answer.json["state"], state, "{answer}");
        answer
    }

    /// A video that is on YouTube as private, so many hours before its time.
    pub(crate) async fn on_youtube(&self, hours: i64) -> Answer {
        let (_, upload) = self.render_and_schedule(600_000, hours).await;
        self.reach(&upload.id(), "on_youtube").await
    }

    /// Moves an upload to another time.
    pub(crate) async fn move_to(&self, upload: &Answer, at: Timestamp) -> Answer {
        let path = format!("/api/schedule/{}", upload.id());
        let time = json!({ "publish_at": at });
        self.user.api.patch(&path, &time).await.status(200)
    }

    /// What was uploaded to the channel, as the world outside sees it.
    pub(crate) async fn videos(&self) -> Vec<Value> {
        self.world().await["videos_created"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The only video that was uploaded to the channel. Fails when there is another one, or none.
    pub(crate) async fn only_video(&self) -> Value {
        let mut videos = self.videos().await;
        assert_eq!(videos.len(), 1, "exactly one video: {videos:?}");
        videos.remove(0)
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
    pub(crate) async fn fault(&self, fault: Value) -> u64 {
        self.account.fault(StandIn::Youtube, fault).await
    }
}
