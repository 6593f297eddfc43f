//! A video with its score in short.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use platform::ids::VideoId;
use scoring::{Confidence, Format, Label};

/// A video with its score in short.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ScoredVideo {
    /// Our id.
    pub id: VideoId,
    /// YouTube's id.
    pub youtube_video_id: String,
    /// Its title.
    pub title: String,
    /// Its format.
    pub format: Option<Format>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// YouTube's counter.
    pub views: Option<i64>,
    /// Our score.
    pub score: i16,
    /// Our multiplier.
    pub multiplier: f64,
    /// The score in one word.
    pub label: Label,
    /// How sure it is.
    pub confidence_level: Confidence,
}
