//! A render as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::State;
use clients::revid::VideoRequest;
use platform::ids::{ChannelId, ContentId, RenderId};

/// One render.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(from = "Row")]
pub struct Render {
    /// Its id.
    pub id: RenderId,
    /// The channel it is for.
    pub channel_id: ChannelId,
    /// The script it was made from; null when that was deleted.
    pub content_id: Option<ContentId>,
    /// How far it has come.
    pub state: State,
    /// Per cent done, where the provider tells.
    pub progress: Option<u8>,
    /// What was asked for.
    pub request: VideoRequest,
    /// What it may cost.
    pub cost: Cost,
    /// The video, when it is ready.
    pub file: Option<VideoFile>,
    /// Why there is no video, or why that is not known, and what can be done.
    pub error: Option<RenderError>,
    /// How the provider's job became known: `answer` in the ordinary case, `callback` or `listing` when the submit's
    /// answer was lost. With `listing_time` it was recognised by its time alone: look at the video before publishing it.
    pub found_by: Option<String>,
    /// When it was sent to the provider.
    pub submitted_at: Option<Timestamp>,
    /// When it ended, either way.
    pub finished_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a render costs, in the provider's credits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = RenderCost)]
pub struct Cost {
    /// What it was estimated at.
    pub estimated_credits: u32,
    /// Where the estimate comes from: `provider`, or `worst_case` when the provider gave none.
    pub estimate_basis: String,
    /// What counts: `reserved` (not sent yet), `estimated` (may have been charged), `reported` (what the provider
    /// says), `none` (nothing was charged).
    pub basis: String,
    /// What the provider says it charged.
    pub credits_used: Option<u32>,
}

/// A finished video.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct VideoFile {
    /// Size in bytes.
    pub bytes: u64,
    /// Media type.
    pub content_type: Option<String>,
    /// SHA-256 in lowercase hexadecimal; null for files too large to be read through.
    pub sha256: Option<String>,
    /// Length in seconds, where the provider tells.
    pub duration_seconds: Option<f64>,
    /// A still picture, where the provider gives one.
    pub thumbnail_url: Option<String>,
    /// Where the video can be watched, for ten minutes; only where a single render is read, and null until we have our own
    /// copy of the file.
    pub preview_url: Option<String>,
}

/// Why there is no video (yet).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RenderError {
    /// Stable slug.
    pub code: String,
    /// What happened and what can be done.
    pub message: String,
}

/// A row of `public.renders`.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    id: RenderId,
    channel_id: ChannelId,
    content_id: Option<ContentId>,
    state: State,
    progress: Option<u8>,
    request: VideoRequest,
    estimated_credits: u32,
    estimate_basis: String,
    cost_basis: String,
    credits_used: Option<u32>,
    file_bytes: Option<u64>,
    file_content_type: Option<String>,
    file_sha256: Option<String>,
    file_duration_seconds: Option<f64>,
    thumbnail_url: Option<String>,
    error: Option<RenderError>,
    found_by: Option<String>,
    submitted_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Render {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            channel_id: row.channel_id,
            content_id: row.content_id,
            state: row.state,
            progress: row.progress,
            request: row.request,
            cost: Cost {
                estimated_credits: row.estimated_credits,
                estimate_basis: row.estimate_basis,
                basis: row.cost_basis,
                credits_used: row.credits_used,
            },
            file: row.file_bytes.map(|bytes| VideoFile {
                bytes,
                content_type: row.file_content_type,
                sha256: row.file_sha256,
                duration_seconds: row.file_duration_seconds,
                thumbnail_url: row.thumbnail_url,
                preview_url: None,
            }),
            error: row.error,
            found_by: row.found_by,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_becomes_a_render() {
        let row = json!({
            "id": "0198c0de-0000-7000-8000-000000000001", "channel_id": "0198c0de-0000-7000-8000-000000000002",
            "content_id": null, "state": "ready", "progress": 100,
            "request": {"script": "x", "aspect": "9:16", "language": "en", "footage": "stock-video", "quality": "pro",
                "resolution": "1080p", "captions": "middle", "music": true},
            "estimated_credits": 10, "estimate_basis": "provider", "cost_basis": "reported", "credits_used": 9,
            "file_bytes": 5, "file_content_type": "video/mp4", "file_sha256": null, "file_duration_seconds": 38.000,
            "thumbnail_url": null, "error": null, "found_by": "answer", "submitted_at": "2026-11-22T16:00:00.5+00:00",
            "finished_at": null, "created_at": "2026-11-22T16:00:00+00:00", "updated_at": "2026-11-22T16:00:00+00:00",
            "something_new": 1,
        });
        let render: Render = serde_json::from_value(row).unwrap();
        assert_eq!(render.state, State::Ready);
        assert_eq!(render.file.as_ref().unwrap().duration_seconds, Some(38.0));
        let shown = serde_json::to_value(&render).unwrap();
        assert_eq!(shown["cost"]["credits_used"], 9);
        assert_eq!(shown["file"]["bytes"], 5);
    }
}
