//! A render as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use clients::revid::VideoRequest;
use platform::ids::{ChannelId, ContentId, RenderId};

/// One render.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(remote = "Self")]
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
    /// Of a video that was recognised by its time alone: whether somebody has watched it and said that it is the right one.
    pub confirmation: Option<Confirmation>,
    /// How the provider's job became known: `answer` in the ordinary case, `callback` or `listing` when the submit's
    /// answer was lost. With `listing_time` it was recognised by its time alone, so it needs a `confirmation`.
    pub found_by: Option<String>,
    /// When it was sent to the provider.
    pub submitted_at: Option<Timestamp>,
    /// When it ended, either way.
    pub finished_at: Option<Timestamp>,
    /// Counts changes of `state` and `confirmation`; what the `ETag` names.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The state of a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenderState)]
pub enum State {
    /// Recorded and counted; nothing was sent.
    Requested,
    /// About to be sent, or just sent.
    Submitting,
    /// It is not known whether the provider accepted it. Its job is searched for, and it is never sent again.
    SubmitUnknown,
    /// Accepted by the provider.
    Queued,
    /// In progress at the provider.
    Rendering,
    /// The video is there.
    Ready,
    /// There will be no video.
    Failed,
    /// Cancelled by a person.
    Cancelled,
    /// It took longer than any render should. It is paid for, so it is polled once more.
    TimedOutUnknown,
}

impl State {
    /// All of them, in the order of a render's life.
    pub const ALL: [Self; 9] = [
        Self::Requested,
        Self::Submitting,
        Self::SubmitUnknown,
        Self::Queued,
        Self::Rendering,
        Self::Ready,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOutUnknown,
    ];
}

display_as_serialized!(State);

/// Whether a video that was recognised by its time alone is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenderConfirmation)]
pub enum Confirmation {
    /// Watch it, then confirm or reject it; until then it is not published.
    Needed,
    /// Somebody has watched it: it is the right one.
    Confirmed,
}

/// What a render costs, in the provider's credits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = RenderCost)]
pub struct Cost {
    /// What it was estimated at.
    pub estimated_credits: u32,
    /// Where the estimate comes from: `provider`.
    pub estimate_basis: String,
    /// What counts: `reserved` (not sent yet), `estimated` (may have been charged), `reported` (what the provider
    /// says), `none` (nothing was charged).
    #[serde(alias = "cost_basis")]
    pub basis: String,
    /// What the provider says it charged.
    pub credits_used: Option<u32>,
}

/// A finished video.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct VideoFile {
    /// Size in bytes.
    #[serde(alias = "file_bytes")]
    pub size_bytes: u64,
    /// Media type.
    #[serde(alias = "file_content_type")]
    pub content_type: Option<String>,
    /// SHA-256 in lowercase hexadecimal; null for files too large to be read through.
    #[serde(alias = "file_sha256")]
    pub sha256: Option<String>,
    /// Length in seconds, where the provider tells.
    #[serde(alias = "file_duration_seconds")]
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

/// A row of `public.renders` is flat: what the render costs and what its file is are columns among the others.
impl<'de> Deserialize<'de> for Render {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut row = Map::deserialize(deserializer)?;
        let columns = Value::Object(row.clone());
        if !columns["file_bytes"].is_null() {
            row.insert("file".to_owned(), columns.clone());
        }
        row.insert("cost".to_owned(), columns);
        Self::deserialize(Value::Object(row)).map_err(D::Error::custom)
    }
}

impl Serialize for Render {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

#[cfg(test)]
mod tests;
