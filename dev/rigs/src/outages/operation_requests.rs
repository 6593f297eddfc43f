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
            "deleteChannel" => leaving.unwrap_or_default(),
            _ if declaration.path.starts_with("/api/channels/") => self.channel,
            "getContent" | "updateContent" => self.script,
            "getVideo" => self.video,
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
            "listContent" | "listVideos" | "listRenders" | "listUploads" => {
                format!("?channel_id={}", self.channel)
            }
            "listSlots" => format!("?channel_id={}&limit=3", self.channel),
            "readCalendar" => format!("?secret={}", "0".repeat(43)),
            "receiveRevidCallback" => format!("?render={}&token={}", Uuid::nil(), "0".repeat(43)),
            _ => String::new(),
        }
    }

    /// The body of an operation that takes one; none for an operation that nobody has written one for.
    pub(super) fn body(&self, operation: &str) -> Option<Value> {
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
        Some(match operation {
            "updateAgent" => json!({"may_spend": false}),
            "updateMe" => json!({"display_name": "Somebody"}),
            "connectChannel"
            | "syncChannel"
            | "dispatchSteps"
            | "receiveRevidCallback"
            | "createCalendar" => json!({}),
            "finishConnection" => json!({"state": "unknown", "code": "unknown"}),
            "updateChannel" => json!({"time_zone": "Europe/Berlin"}),
            "generateContent" | "generateContentStream" => {
                json!({"channel_id": self.channel, "count": 3})
            }
            "updateContent" => json!({"rating": 4}),
            "estimateRender" => json!({"content_id": self.script}),
            "createRender" => json!({"content_id": Uuid::new_v4()}),
            "scheduleUpload" => json!({
                "render_id": Uuid::new_v4(), "title": "A title", "made_for_kids": false, "altered_content": true,
                "publish_at": later.to_string(),
            }),
            "updateUpload" => json!({"title": "Another title"}),
            "deleteMe" | "deleteChannel" | "archiveContent" | "cancelRender" | "cancelUpload"
            | "deleteCalendar" => json!(null),
            _ => return None,
        })
    }
}
