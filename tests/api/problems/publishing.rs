//! Problems of scheduling.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Publisher, SeededChannel};

impl SeededChannel {
    /// Asks for the upload of a render so many hours from now.
    async fn upload(&self, render: Uuid, hours: i64, members: Value) -> Answer {
        let at = Timestamp::now() + SignedDuration::from_hours(hours);
        let body = Publisher::body(render, at, members);
        self.user.api.post("/api/schedule", &body).await
    }

    fn seeded_render(&self) -> Uuid {
        self.stack.seeded_render(self.channel, "requested")
    }
}

pub(super) async fn an_upload_leaves_youtubes_questions_open() -> Answer {
    let seeded = SeededChannel::new().await;
    let open = json!({ "made_for_kids": null, "altered_content": null });
    seeded.upload(seeded.seeded_render(), 72, open).await
}

pub(super) async fn an_upload_is_scheduled_in_the_past() -> Answer {
    let seeded = SeededChannel::new().await;
    seeded.upload(seeded.seeded_render(), -1, json!({})).await
}

pub(super) async fn a_title_is_used_twice() -> Answer {
    let seeded = SeededChannel::new().await;
    let title = json!({ "title": "Why I quit" });
    let first = seeded.upload(seeded.seeded_render(), 72, title.clone());
    first.await.status(201);
    seeded.upload(seeded.seeded_render(), 96, title).await
}

pub(super) async fn a_video_is_scheduled_twice() -> Answer {
    let seeded = SeededChannel::new().await;
    let render = seeded.seeded_render();
    seeded.upload(render, 72, json!({})).await.status(201);
    seeded.upload(render, 96, json!({})).await
}

pub(super) async fn two_uploads_are_too_close() -> Answer {
    let seeded = SeededChannel::new().await;
    let title = json!({ "title": "Why I quit" });
    let first = seeded.upload(seeded.seeded_render(), 72, title);
    first.await.status(201);
    seeded.upload(seeded.seeded_render(), 72, json!({})).await
}

pub(super) async fn a_cancelled_upload_is_changed() -> Answer {
    let seeded = SeededChannel::new().await;
    let upload = seeded.upload(seeded.seeded_render(), 72, json!({}));
    let path = format!("/api/schedule/{}", upload.await.status(201).id());
    seeded.user.api.delete(&path).await.status(204);
    seeded
        .user
        .api
        .patch(&path, &json!({ "title": "Late" }))
        .await
}
