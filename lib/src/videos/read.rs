//! Lists of videos, and one video with the reason for its score.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Db, DbError};
use crate::http::{Page, PageSize, Problem, decode_cursor};
use crate::ids::{ChannelId, VideoId};
use crate::scoring::explain::{self, Comparison};
use crate::scoring::{
    Basis, Component, Confidence, Format, Label, MODEL, Measures, Score, Withheld,
};

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Newest first; videos that never were public last.
    #[default]
    Published,
    /// Best score first; videos without a score last.
    Score,
}

/// Which videos.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only of this channel.
    pub channel_id: Option<ChannelId>,
    /// Only with this label.
    pub label: Option<Label>,
    /// Only of this format.
    pub format: Option<Format>,
    /// What the list is ordered by: `published` (default) or `score`.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    /// `next_cursor` of the page before. Belongs to one `sort`.
    pub cursor: Option<String>,
    /// How many, 1 to 100; 25 unless said otherwise.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

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
    #[schema(value_type = Option<String>, format = DateTime)]
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
    #[schema(value_type = String, format = DateTime)]
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
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Timestamp>,
    /// Its length.
    pub duration_seconds: Option<i32>,
    /// A picture.
    pub thumbnail_url: Option<String>,
    /// When it was found to be no longer on YouTube.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub gone_at: Option<Timestamp>,
    /// YouTube's numbers.
    pub youtube: Counters,
    /// Our score; null before the first scoring, and while scores are hidden.
    pub score: Option<ScoreSummary>,
    /// Whether scores may be shown: the operator has accepted YouTube's derived-metrics amendment.
    pub scores_shown: bool,
}

/// A video with its history and the reason for its score.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VideoDetail {
    /// The video.
    #[serde(flatten)]
    pub video: Video,
    /// The score in words; null without a score.
    pub explanation: Option<Explanation>,
    /// The parts of the score; null when withheld.
    pub components: Option<ScoreComponents>,
    /// The videos it was compared with, newest first.
    pub baseline: Vec<BaselineVideo>,
    /// Its counters over time.
    pub series: Vec<SeriesPoint>,
}

/// A score in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// One or two sentences.
    pub summary: String,
    /// What else moved it, and how far it can be trusted.
    pub reasons: Vec<String>,
}

/// The parts of a score.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ScoreComponents {
    /// Views.
    pub reach: Component,
    /// Views gained between the last two ages.
    pub velocity: Option<Component>,
    /// Likes and comments per view.
    pub engagement: Option<Component>,
    /// Average percentage viewed.
    pub retention: Option<Component>,
}

/// A video of the baseline.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct BaselineVideo {
    /// Our id.
    pub id: VideoId,
    /// YouTube's id.
    pub youtube_video_id: String,
    /// Its title.
    pub title: String,
    /// When it became public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Timestamp>,
    /// Its public views today.
    pub views: Option<i64>,
}

/// Counters at one moment.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SeriesPoint {
    /// What `views` counts. Different bases are not comparable.
    pub basis: Basis,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    /// Hours since publication.
    pub age_hours: f64,
    /// Views until then.
    pub views: i64,
    /// Likes until then.
    pub likes: Option<i64>,
    /// Comments until then.
    pub comments: Option<i64>,
    /// Average percentage viewed until then.
    pub average_view_percentage: Option<f64>,
}

/// A row of `scored_videos`.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    id: VideoId,
    channel_id: ChannelId,
    youtube_video_id: String,
    title: String,
    format: Option<Format>,
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
    basis: Option<Basis>,
    checkpoint_hours: Option<u32>,
    label: Option<Label>,
    withheld: Option<String>,
    n: Option<usize>,
    score: Option<i16>,
    multiplier: Option<f64>,
    raw_multiplier: Option<f64>,
    z_total: Option<f64>,
    confidence: Option<f64>,
    confidence_level: Option<Confidence>,
    scored_at: Option<Timestamp>,
    scores_shown: bool,
    /// Where a list goes on after this row.
    page_key: Option<String>,
}

/// What only the detail reads besides.
#[derive(Clone, Debug, Deserialize)]
struct DetailRow {
    #[serde(flatten)]
    row: Row,
    components: Option<serde_json::Value>,
    measures: Option<serde_json::Value>,
}

impl Row {
    fn summary(&self) -> Option<ScoreSummary> {
        Some(ScoreSummary {
            notice: explain::NOTICE,
            model_version: self.model_version.clone()?,
            score: self.score,
            multiplier: self.multiplier,
            raw_multiplier: self.raw_multiplier,
            label: self.label?,
            withheld: self.withheld.clone(),
            confidence: self.confidence,
            confidence_level: self.confidence_level,
            basis: self.basis?,
            checkpoint_hours: self.checkpoint_hours,
            n: self.n.unwrap_or_default(),
            scored_at: self.scored_at?,
        })
    }

    fn video(self) -> Video {
        Video {
            score: self.summary(),
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
            scores_shown: self.scores_shown,
        }
    }
}

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    sort: Sort,
    key: String,
    id: VideoId,
}

/// Arguments of `list_videos`.
#[derive(Serialize)]
struct Listing<'a> {
    p_channel: Option<ChannelId>,
    p_label: Option<Label>,
    p_format: Option<Format>,
    p_sort: Sort,
    p_after_key: Option<&'a str>,
    p_after_id: Option<VideoId>,
    p_limit: usize,
}

/// Lists videos that are on YouTube.
///
/// # Errors
///
/// [`Problem`] for a foreign cursor or a database that does not answer.
pub async fn list(db: &Db, query: ListQuery) -> Result<Page<Video>, Problem> {
    let PageSize(limit) = query.limit;
    let after: Option<After> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    if after.as_ref().is_some_and(|after| after.sort != query.sort) {
        return Err(Problem::new(crate::http::Kind::InvalidQuery)
            .detail("The cursor belongs to another order. Start again without it.")
            .pointer("?cursor", "must come from a page with the same `sort`"));
    }
    let listing = Listing {
        p_channel: query.channel_id,
        p_label: query.label,
        p_format: query.format,
        p_sort: query.sort,
        p_after_key: after.as_ref().map(|after| after.key.as_str()),
        p_after_id: after.as_ref().map(|after| after.id),
        p_limit: limit + 1,
    };
    let rows: Vec<Row> = db.ask("list_videos", &listing).await?;
    let cursor = (rows.len() > limit)
        .then(|| rows.get(limit - 1))
        .flatten()
        .map(|row| {
            crate::http::encode_cursor(&After {
                sort: query.sort,
                key: row.page_key.clone().unwrap_or_default(),
                id: row.id,
            })
        });
    Ok(Page {
        items: rows.into_iter().take(limit).map(Row::video).collect(),
        next_cursor: cursor,
    })
}

/// Answer of `video_details`.
#[derive(Deserialize)]
struct Details {
    video: DetailRow,
    series: Vec<SeriesPoint>,
    baseline: Vec<BaselineVideo>,
}

/// Reads one video with its series, its score and the videos it was compared with.
///
/// # Errors
///
/// [`DbError::NotFound`] for a video that is not there or not the caller's.
pub async fn get(db: &Db, id: VideoId) -> Result<VideoDetail, DbError> {
    let details: Option<Details> = db
        .ask("video_details", &serde_json::json!({ "p_video": id }))
        .await?;
    let Details {
        video: detail,
        series,
        baseline,
    } = details.ok_or(DbError::NotFound)?;
    let components: Option<ScoreComponents> = detail
        .components
        .and_then(|components| serde_json::from_value(components).ok());
    let measures: Option<Measures> = detail
        .measures
        .and_then(|measures| serde_json::from_value(measures).ok());
    let explanation = explanation(&detail.row, components.as_ref(), measures);
    Ok(VideoDetail {
        video: detail.row.video(),
        explanation,
        components,
        baseline,
        series,
    })
}

/// The score of a row in words.
fn explanation(
    row: &Row,
    components: Option<&ScoreComponents>,
    measures: Option<Measures>,
) -> Option<Explanation> {
    let n = row.n.unwrap_or_default();
    if let Some(reason) = row
        .withheld
        .as_deref()
        .and_then(|reason| Withheld::named(reason, n))
    {
        return Some(Explanation {
            summary: explain::withheld(&MODEL, reason),
            reasons: Vec::new(),
        });
    }
    let (components, measures) = (components?, measures?);
    let score = Score {
        n,
        reach: components.reach,
        velocity: components.velocity,
        engagement: components.engagement,
        retention: components.retention,
        raw_multiplier: row.raw_multiplier?,
        multiplier: row.multiplier?,
        z_total: row.z_total?,
        score: u8::try_from(row.score?).ok()?,
        label: row.label?,
        confidence: row.confidence?,
    };
    let comparison = Comparison {
        basis: row.basis?,
        checkpoint_h: row.checkpoint_hours,
        format: row.format,
    };
    Some(Explanation {
        summary: explain::summary(&score, measures.views, comparison),
        reasons: explain::reasons(&MODEL, &score, &measures),
    })
}
