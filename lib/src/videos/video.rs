//! A video as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::raw::Raw;
use platform::db::RawTimestamp;
use platform::ids::{ChannelId, VideoId};
use scoring::{Basis, Confidence, Format, Label};

/// Numbers as YouTube gives them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Counters<'a> {
    /// Public views; null when hidden.
    #[schema(value_type = Option<i64>)]
    pub views: Option<Raw<'a>>,
    /// Likes; null when hidden.
    #[schema(value_type = Option<i64>)]
    pub likes: Option<Raw<'a>>,
    /// Comments; null when switched off.
    #[schema(value_type = Option<i64>)]
    pub comments: Option<Raw<'a>>,
    /// Average percentage viewed over the whole life, from YouTube Analytics.
    #[schema(value_type = Option<f64>)]
    pub average_view_percentage: Option<Raw<'a>>,
    /// When the counters were read.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub counted_at: Option<RawTimestamp<'a>>,
}

/// What we make of the numbers: a Content Catalyst score, not a YouTube metric.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScoreSummary<'a> {
    /// `Content Catalyst score, not a YouTube metric`.
    pub notice: &'static str,
    /// Version of the model.
    #[schema(value_type = String)]
    pub model_version: Raw<'a>,
    /// 0 to 100, an index; null when withheld.
    #[schema(value_type = Option<i16>)]
    pub score: Option<Raw<'a>>,
    /// Views over the channel's usual views, pulled toward 1 when there is little to compare with.
    #[schema(value_type = Option<f64>)]
    pub multiplier: Option<Raw<'a>>,
    /// The same, not pulled.
    #[schema(value_type = Option<f64>)]
    pub raw_multiplier: Option<Raw<'a>>,
    /// The score in one word.
    #[schema(value_type = Label)]
    pub label: Raw<'a>,
    /// Why there is no number: `too_recent`, `too_few`, `unknown_format`, `not_measured`.
    #[schema(value_type = Option<String>)]
    pub withheld: Option<Raw<'a>>,
    /// 0 to 1.
    #[schema(value_type = Option<f64>)]
    pub confidence: Option<Raw<'a>>,
    /// `low`, `medium` or `high`.
    #[schema(value_type = Option<Confidence>)]
    pub confidence_level: Option<Raw<'a>>,
    /// What was compared: totals, or a counter at one age.
    #[schema(value_type = Basis)]
    pub basis: Raw<'a>,
    /// That age in hours; null for totals.
    #[schema(value_type = Option<u32>)]
    pub checkpoint_hours: Option<Raw<'a>>,
    /// How many earlier videos of the same format it was compared with.
    #[schema(value_type = usize)]
    pub n: Raw<'a>,
    /// When the score last changed.
    #[schema(value_type = String, format = DateTime)]
    pub scored_at: RawTimestamp<'a>,
}

/// A video.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Video<'a> {
    /// Our id.
    #[schema(value_type = VideoId)]
    pub id: Raw<'a>,
    /// The channel.
    #[schema(value_type = ChannelId)]
    pub channel_id: Raw<'a>,
    /// YouTube's id.
    #[schema(value_type = String)]
    pub youtube_video_id: Raw<'a>,
    /// Its title.
    #[schema(value_type = String)]
    pub title: Raw<'a>,
    /// `short`, `long` or `live`, as YouTube says; null while it does not.
    #[schema(value_type = Option<Format>)]
    pub format: Option<Raw<'a>>,
    /// `public`, `unlisted` or `private`.
    #[schema(value_type = Option<String>)]
    pub privacy: Option<Raw<'a>>,
    /// When it became public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<RawTimestamp<'a>>,
    /// Its length.
    #[schema(value_type = Option<i32>)]
    pub duration_seconds: Option<Raw<'a>>,
    /// A picture.
    #[schema(value_type = Option<String>)]
    pub thumbnail_url: Option<Raw<'a>>,
    /// When it was found to be no longer on YouTube.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub gone_at: Option<RawTimestamp<'a>>,
    /// YouTube's numbers.
    pub youtube: Counters<'a>,
    /// Our score; null before the first scoring, and while scores are hidden.
    pub score: Option<ScoreSummary<'a>>,
    /// Whether scores may be shown: the operator has accepted YouTube's derived-metrics amendment.
    #[schema(value_type = bool)]
    pub scores_shown: Raw<'a>,
}
