//! One video with its history and the reason for its score.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::explanation::{Explanation, ScoreComponents, explanation};
use super::raw::{Raw, value};
use super::row::Row;
use super::video::Video;
use platform::db::{Db, DbError, RawTimestamp};
use platform::endpoint::{Json, Problem};
use platform::ids::VideoId;
use scoring::{Basis, Measures};

/// A video with its history and the reason for its score.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VideoDetail<'a> {
    /// The video.
    #[serde(flatten)]
    pub video: Video<'a>,
    /// The score in words; null without a score.
    pub explanation: Option<Explanation>,
    /// The parts of the score; null when withheld.
    pub components: Option<ScoreComponents>,
    /// The videos it was compared with, newest first.
    pub baseline: Vec<BaselineVideo<'a>>,
    /// Its counters over time.
    pub series: Vec<SeriesPoint<'a>>,
}

/// A video of the baseline.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct BaselineVideo<'a> {
    /// Our id.
    #[schema(value_type = VideoId)]
    pub id: Raw<'a>,
    /// YouTube's id.
    #[schema(value_type = String)]
    pub youtube_video_id: Raw<'a>,
    /// Its title.
    #[schema(value_type = String)]
    pub title: Raw<'a>,
    /// When it became public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<RawTimestamp<'a>>,
    /// Its public views today.
    #[schema(value_type = Option<i64>)]
    pub views: Option<Raw<'a>>,
}

/// Counters at one time.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct SeriesPoint<'a> {
    /// What `views` counts. Different bases are not comparable.
    #[schema(value_type = Basis)]
    pub basis: Raw<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: RawTimestamp<'a>,
    /// Hours since publication.
    #[schema(value_type = f64)]
    pub age_hours: Raw<'a>,
    /// Views until then.
    #[schema(value_type = i64)]
    pub views: Raw<'a>,
    /// Likes until then.
    #[schema(value_type = Option<i64>)]
    pub likes: Option<Raw<'a>>,
    /// Comments until then.
    #[schema(value_type = Option<i64>)]
    pub comments: Option<Raw<'a>>,
    /// Average percentage viewed until then.
    #[schema(value_type = Option<f64>)]
    pub average_view_percentage: Option<Raw<'a>>,
}

/// Answer of `video_details`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Details<'a> {
    video: Row<'a>,
    series: Vec<SeriesPoint<'a>>,
    baseline: Vec<BaselineVideo<'a>>,
}

/// Reads one video with its series, its score and the videos it was compared with.
///
/// # Errors
///
/// [`Problem`] for a video that is not there or not the caller's, or a database that does not answer.
pub async fn get(db: &Db, id: VideoId) -> Result<Json<VideoDetail<'static>>, Problem> {
    let arguments = serde_json::json!({ "p_video": id });
    let answer = db.query_raw("video_details", &arguments).await?;
    let details: Option<Details<'_>> = answer.rows().map_err(DbError::from)?;
    Json::write(&detail(details.ok_or(DbError::NotFound)?)?, answer.size())
}

fn detail(details: Details<'_>) -> Result<VideoDetail<'_>, DbError> {
    let Details {
        video: row,
        series,
        baseline,
    } = details;
    // Scores of another model may have other parts.
    let components: Option<ScoreComponents> = value(row.components).unwrap_or_default();
    let measures: Option<Measures> = value(row.measures).unwrap_or_default();
    Ok(VideoDetail {
        video: row.video(),
        explanation: explanation(&row, components.as_ref().zip(measures.as_ref()))?,
        components,
        baseline,
        series,
    })
}

#[cfg(test)]
mod tests;
