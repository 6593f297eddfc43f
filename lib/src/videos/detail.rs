//! One video with its history and the reason for its score.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::video::{Row, Video};
use platform::db::{Db, DbError};
use platform::ids::VideoId;
use scoring::explain::{self, Comparison};
use scoring::{Basis, Component, MODEL, Measures, Score, Withheld};

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
    pub published_at: Option<Timestamp>,
    /// Its public views today.
    pub views: Option<i64>,
}

/// Counters at one time.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SeriesPoint {
    /// What `views` counts. Different bases are not comparable.
    pub basis: Basis,
    /// When.
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

/// Answer of `video_details`.
#[derive(Deserialize)]
struct Details {
    video: Row,
    series: Vec<SeriesPoint>,
    baseline: Vec<BaselineVideo>,
}

/// Reads one video with its series, its score and the videos it was compared with.
///
/// # Errors
///
/// [`DbError::NotFound`] for a video that is not there or not the caller's.
pub async fn get(db: &Db, id: VideoId) -> Result<VideoDetail, DbError> {
    let details: Option<Details> = db.query("video_details", &json!({ "p_video": id })).await?;
    Ok(detail(details.ok_or(DbError::NotFound)?))
}

fn detail(
    Details {
        mut video,
        series,
        baseline,
    }: Details,
) -> VideoDetail {
    // Scores of another model may have other parts.
    let components = parts::<ScoreComponents>(&mut video.components);
    let measures = parts::<Measures>(&mut video.measures);
    VideoDetail {
        explanation: explanation(&video, components.as_ref().zip(measures.as_ref())),
        video: video.into_video(),
        components,
        baseline,
        series,
    }
}

fn parts<T: DeserializeOwned>(stored: &mut Option<Value>) -> Option<T> {
    serde_json::from_value(stored.take()?).ok()
}

/// The score of a row in words; none while a part of it is missing.
fn explanation(row: &Row, parts: Option<(&ScoreComponents, &Measures)>) -> Option<Explanation> {
    let n = row.n.unwrap_or_default();
    let withheld = row.withheld.as_deref();
    if let Some(reason) = withheld.and_then(|reason| Withheld::named(reason, n)) {
        return Some(Explanation {
            summary: explain::withheld(&MODEL, reason),
            reasons: Vec::new(),
        });
    }
    let (components, measures) = parts?;
    let comparison = Comparison {
        basis: row.basis?,
        checkpoint_h: row.checkpoint_hours,
        format: row.format,
    };
    let score = Score {
        n,
        reach: components.reach,
        velocity: components.velocity,
        engagement: components.engagement,
        retention: components.retention,
        raw_multiplier: row.raw_multiplier?,
        multiplier: row.multiplier?,
        z_total: row.z_total?,
        score: row.score?.try_into().ok()?,
        label: row.label?,
        confidence: row.confidence?,
    };
    Some(Explanation {
        summary: explain::summary(&score, measures.views, comparison),
        reasons: explain::reasons(&MODEL, &score, measures),
    })
}

#[cfg(test)]
mod tests;
