//! A video with its score, as it is stored and as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use platform::ids::{ChannelId, VideoId};
use scoring::{Basis, Confidence, Format, Label, explain};

/// Numbers as YouTube gives them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Counters {
    /// Public views; null when hidden.
    pub views: Option<i64>,
    /// Likes; null when hidden.
    pub likes: Option<i64>,
    /// Comments; null when switched off.
    pub comments: Option<i64>,
    /// Average percentage viewed over the whole life, from YouTube Analytics.
    pub average_view_percentage: Option<f64>,
    /// When the counters were read.
    pub counted_at: Option<Timestamp>,
}

/// What we make of the numbers: a Content Catalyst score, not a YouTube metric.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScoreSummary {
    /// `Content Catalyst score, not a YouTube metric`.
    pub notice: &'static str,
    /// Version of the model.
    pub model_version: String,
    /// 0 to 100, an index; null when withheld.
    pub score: Option<i16>,
    /// Views over the channel's usual views, pulled toward 1 when there is little to compare with.
    pub multiplier: Option<f64>,
    /// The same, not pulled.
    pub raw_multiplier: Option<f64>,
    /// The score in one word.
    pub label: Label,
    /// Why there is no number: `too_recent`, `too_few`, `unknown_format`, `not_measured`.
    pub withheld: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// `low`, `medium` or `high`.
    pub confidence_level: Option<Confidence>,
    /// What was compared: totals, or a counter at one age.
    pub basis: Basis,
    /// That age in hours; null for totals.
    pub checkpoint_hours: Option<u32>,
    /// How many earlier videos of the same format it was compared with.
    pub n: usize,
    /// When the score last changed.
    pub scored_at: Timestamp,
}

/// A video.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Video {
    /// Our id.
    pub id: VideoId,
    /// The channel.
    pub channel_id: ChannelId,
    /// YouTube's id.
    pub youtube_video_id: String,
    /// Its title.
    pub title: String,
    /// `short`, `long` or `live`, as YouTube says; null while it does not.
    pub format: Option<Format>,
    /// `public`, `unlisted` or `private`.
    pub privacy: Option<String>,
    /// When it became public.
    pub published_at: Option<Timestamp>,
    /// Its length.
    pub duration_seconds: Option<i32>,
    /// A picture.
    pub thumbnail_url: Option<String>,
    /// When it was found to be no longer on YouTube.
    pub gone_at: Option<Timestamp>,
    /// YouTube's numbers.
    pub youtube: Counters,
    /// Our score; null before the first scoring, and while scores are hidden.
    pub score: Option<ScoreSummary>,
    /// Whether scores may be shown: the operator has accepted YouTube's derived-metrics amendment.
    pub scores_shown: bool,
}

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

/// A row of `scored_videos`: a video with its score beside it.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) id: VideoId,
    channel_id: ChannelId,
    youtube_video_id: String,
    title: String,
    pub(super) format: Option<Format>,
    privacy: Option<String>,
    published_at: Option<Timestamp>,
    duration_seconds: Option<i32>,
    thumbnail_url: Option<String>,
    views: Option<i64>,
    likes: Option<i64>,
    comments: Option<i64>,
    average_view_percentage: Option<f64>,
    counted_at: Option<Timestamp>,
    gone_at: Option<Timestamp>,
    model_version: Option<String>,
    pub(super) basis: Option<Basis>,
    pub(super) checkpoint_hours: Option<u32>,
    pub(super) label: Option<Label>,
    pub(super) withheld: Option<String>,
    pub(super) n: Option<usize>,
    pub(super) score: Option<i16>,
    pub(super) multiplier: Option<f64>,
    pub(super) raw_multiplier: Option<f64>,
    pub(super) z_total: Option<f64>,
    pub(super) confidence: Option<f64>,
    confidence_level: Option<Confidence>,
    scored_at: Option<Timestamp>,
    scores_shown: bool,
    /// Where a list goes on after this row; only in lists.
    pub(super) page_key: Option<String>,
    /// Only in the detail, as is what follows.
    pub(super) components: Option<Value>,
    pub(super) measures: Option<Value>,
}

impl Row {
    pub(super) fn into_video(self) -> Video {
        Video {
            id: self.id,
            channel_id: self.channel_id,
            youtube_video_id: self.youtube_video_id,
            title: self.title,
            format: self.format,
            privacy: self.privacy,
            published_at: self.published_at,
            duration_seconds: self.duration_seconds,
            thumbnail_url: self.thumbnail_url,
            gone_at: self.gone_at,
            youtube: Counters {
                views: self.views,
                likes: self.likes,
                comments: self.comments,
                average_view_percentage: self.average_view_percentage,
                counted_at: self.counted_at,
            },
            score: self.model_version.and_then(|model_version| {
                Some(ScoreSummary {
                    notice: explain::NOTICE,
                    model_version,
                    score: self.score,
                    multiplier: self.multiplier,
                    raw_multiplier: self.raw_multiplier,
                    label: self.label?,
                    withheld: self.withheld,
                    confidence: self.confidence,
                    confidence_level: self.confidence_level,
                    basis: self.basis?,
                    checkpoint_hours: self.checkpoint_hours,
                    n: self.n?,
                    scored_at: self.scored_at?,
                })
            }),
            scores_shown: self.scores_shown,
        }
    }
}
