//! The path, the query and the body of one sound call of every operation.

use platform::endpoint::Declaration;
use serde_json::{Value, json};
use uuid::Uuid;

/// What the calls are about.
pub(super) struct Subjects {
    pub(super) channel: Uuid,
    pub(super) script: Uuid,
    pub(super) video: Uuid,
}

impl Subjects {
    /// The path of an operation; `leaving` is a channel that may be disconnected.
    pub(super) fn path(&self, declaration: &Declaration, leaving: Option<Uuid>) -> String {
        let id = match declaration.id {
            "channels.disconnect" => leaving.unwrap_or_default(),
            operation if operation.starts_with("channels.") => self.channel,
            "content.get" | "content.change" => self.script,
            "videos.get" => self.video,
            _ => Uuid::new_v4(),
        }
        .to_string();
        let parts = declaration.path.split('/').map(|part| match part {
            "{kind}" => "ideas",
            part if part.starts_with('{') => &id,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// What follows the path.
    pub(super) fn query(&self, operation: &str) -> String {
        match operation {
            "content.list" | "videos.list" | "video.list" | "schedule.list" => {
                format!("?channel_id={}", self.channel)
            }
            "schedule.slots" => format!("?channel_id={}&count=3", self.channel),
            "schedule.calendar" => format!("?secret={}", "0".repeat(43)),
            "webhooks.revid" => format!("?render={}&token={}", Uuid::nil(), "0".repeat(43)),
            _ => String::new(),
        }
    }

    /// The body of an operation that takes one; none for an operation that nobody has written one for.
    pub(super) fn body(&self, operation: &str) -> Option<Value> {
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
        Some(match operation {
            "agents.change" => json!({"may_spend": false}),
            "me.update" => json!({"display_name": "Somebody"}),
            "channels.connect"
            | "channels.sync"
            | "cron.dispatch"
            | "webhooks.revid"
            | "schedule.calendar.rotate" => json!({}),
            "channels.connect.finish" => json!({"state": "unknown", "code": "unknown"}),
            "channels.update" => json!({"time_zone": "Europe/Berlin"}),
            "content.generate" => json!({"channel_id": self.channel, "count": 3}),
            "content.change" => json!({"rating": 4}),
            "video.estimate" => json!({"content_id": self.script}),
            "video.render" => json!({"content_id": Uuid::new_v4()}),
            "schedule.create" => json!({
                "render_id": Uuid::new_v4(), "title": "A title", "made_for_kids": false, "altered_content": true,
                "publish_at": later.to_string(),
            }),
            "schedule.edit" => json!({"title": "Another title"}),
            "me.erase"
            | "channels.disconnect"
            | "content.archive"
            | "video.cancel"
            | "schedule.cancel"
            | "schedule.calendar.revoke" => json!(null),
            _ => return None,
        })
    }
}
