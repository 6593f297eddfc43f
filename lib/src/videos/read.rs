//! Lists of videos, and one video with the reason for its score.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use platform::db::{Db, DbError, RawTimestamp};
use platform::endpoint::{Json, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, VideoId};
use scoring::explain::{self, Comparison};
use scoring::{Basis, Component, Confidence, Format, Label, MODEL, Measures, Score, Withheld};

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

/// A value that is passed on as the database wrote it.
type Passed<'a> = &'a RawValue;

/// Numbers as YouTube gives them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Counters<'a> {
    /// Public views; null when hidden.
    #[schema(value_type = Option<i64>)]
    pub views: Option<Passed<'a>>,
    /// Likes; null when hidden.
    #[schema(value_type = Option<i64>)]
    pub likes: Option<Passed<'a>>,
    /// Comments; null when switched off.
    #[schema(value_type = Option<i64>)]
    pub comments: Option<Passed<'a>>,
    /// Average percentage viewed over the whole life, from YouTube Analytics.
    #[schema(value_type = Option<f64>)]
    pub average_view_percentage: Option<Passed<'a>>,
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
    pub model_version: Passed<'a>,
    /// 0 to 100, an index; null when withheld.
    #[schema(value_type = Option<i16>)]
    pub score: Option<Passed<'a>>,
    /// Views over the channel's usual views, pulled toward 1 when there is little to compare with.
    #[schema(value_type = Option<f64>)]
    pub multiplier: Option<Passed<'a>>,
    /// The same, not pulled.
    #[schema(value_type = Option<f64>)]
    pub raw_multiplier: Option<Passed<'a>>,
    /// The score in one word.
    #[schema(value_type = Label)]
    pub label: Passed<'a>,
    /// Why there is no number: `too_recent`, `too_few`, `unknown_format`, `not_measured`.
    #[schema(value_type = Option<String>)]
    pub withheld: Option<Passed<'a>>,
    /// 0 to 1.
    #[schema(value_type = Option<f64>)]
    pub confidence: Option<Passed<'a>>,
    /// `low`, `medium` or `high`.
    #[schema(value_type = Option<Confidence>)]
    pub confidence_level: Option<Passed<'a>>,
    /// What was compared: totals, or a counter at one age.
    #[schema(value_type = Basis)]
    pub basis: Passed<'a>,
    /// That age in hours; null for totals.
    #[schema(value_type = Option<u32>)]
    pub checkpoint_hours: Option<Passed<'a>>,
    /// How many earlier videos of the same format it was compared with.
    #[schema(value_type = usize)]
    pub n: Passed<'a>,
    /// When the score last changed.
    #[schema(value_type = String, format = DateTime)]
    pub scored_at: RawTimestamp<'a>,
}

/// A video.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Video<'a> {
    /// Our id.
    #[schema(value_type = VideoId)]
    pub id: Passed<'a>,
    /// The channel.
    #[schema(value_type = ChannelId)]
    pub channel_id: Passed<'a>,
    /// YouTube's id.
    #[schema(value_type = String)]
    pub youtube_video_id: Passed<'a>,
    /// Its title.
    #[schema(value_type = String)]
    pub title: Passed<'a>,
    /// `short`, `long` or `live`, as YouTube says; null while it does not.
    #[schema(value_type = Option<Format>)]
    pub format: Option<Passed<'a>>,
    /// `public`, `unlisted` or `private`.
    #[schema(value_type = Option<String>)]
    pub privacy: Option<Passed<'a>>,
    /// When it became public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<RawTimestamp<'a>>,
    /// Its length.
    #[schema(value_type = Option<i32>)]
    pub duration_seconds: Option<Passed<'a>>,
    /// A picture.
    #[schema(value_type = Option<String>)]
    pub thumbnail_url: Option<Passed<'a>>,
    /// When it was found to be no longer on YouTube.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub gone_at: Option<RawTimestamp<'a>>,
    /// YouTube's numbers.
    pub youtube: Counters<'a>,
    /// Our score; null before the first scoring, and while scores are hidden.
    pub score: Option<ScoreSummary<'a>>,
    /// Whether scores may be shown: the operator has accepted YouTube's derived-metrics amendment.
    #[schema(value_type = bool)]
    pub scores_shown: Passed<'a>,
}

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
#[serde(bound(deserialize = "'de: 'a"))]
pub struct BaselineVideo<'a> {
    /// Our id.
    #[schema(value_type = VideoId)]
    pub id: Passed<'a>,
    /// YouTube's id.
    #[schema(value_type = String)]
    pub youtube_video_id: Passed<'a>,
    /// Its title.
    #[schema(value_type = String)]
    pub title: Passed<'a>,
    /// When it became public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<RawTimestamp<'a>>,
    /// Its public views today.
    #[schema(value_type = Option<i64>)]
    pub views: Option<Passed<'a>>,
}

/// Counters at one moment.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct SeriesPoint<'a> {
    /// What `views` counts. Different bases are not comparable.
    #[schema(value_type = Basis)]
    pub basis: Passed<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: RawTimestamp<'a>,
    /// Hours since publication.
    #[schema(value_type = f64)]
    pub age_hours: Passed<'a>,
    /// Views until then.
    #[schema(value_type = i64)]
    pub views: Passed<'a>,
    /// Likes until then.
    #[schema(value_type = Option<i64>)]
    pub likes: Option<Passed<'a>>,
    /// Comments until then.
    #[schema(value_type = Option<i64>)]
    pub comments: Option<Passed<'a>>,
    /// Average percentage viewed until then.
    #[schema(value_type = Option<f64>)]
    pub average_view_percentage: Option<Passed<'a>>,
}

/// A row of `scored_videos`. A page has some 700 of these values, and almost all of them only change their place.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Row<'a> {
    id: Passed<'a>,
    channel_id: Passed<'a>,
    youtube_video_id: Passed<'a>,
    title: Passed<'a>,
    format: Option<Passed<'a>>,
    privacy: Option<Passed<'a>>,
    published_at: Option<RawTimestamp<'a>>,
    duration_seconds: Option<Passed<'a>>,
    thumbnail_url: Option<Passed<'a>>,
    views: Option<Passed<'a>>,
    likes: Option<Passed<'a>>,
    comments: Option<Passed<'a>>,
    average_view_percentage: Option<Passed<'a>>,
    counted_at: Option<RawTimestamp<'a>>,
    gone_at: Option<RawTimestamp<'a>>,
    model_version: Option<Passed<'a>>,
    basis: Option<Passed<'a>>,
    checkpoint_hours: Option<Passed<'a>>,
    label: Option<Passed<'a>>,
    withheld: Option<Passed<'a>>,
    n: Option<Passed<'a>>,
    score: Option<Passed<'a>>,
    multiplier: Option<Passed<'a>>,
    raw_multiplier: Option<Passed<'a>>,
    z_total: Option<Passed<'a>>,
    confidence: Option<Passed<'a>>,
    confidence_level: Option<Passed<'a>>,
    scored_at: Option<RawTimestamp<'a>>,
    scores_shown: Passed<'a>,
    /// Where a list goes on after this row; only in lists.
    page_key: Option<Passed<'a>>,
    /// Only in the detail, as is what follows.
    components: Option<Passed<'a>>,
    measures: Option<Passed<'a>>,
}

/// The value itself, where it is needed.
fn value<T: DeserializeOwned>(passed: Option<Passed<'_>>) -> Result<Option<T>, DbError> {
    passed
        .map(|passed| serde_json::from_str(passed.get()))
        .transpose()
        .map_err(|error| postgrest::Error::Decode(error).into())
}

impl<'a> Row<'a> {
    fn summary(&self) -> Option<ScoreSummary<'a>> {
        Some(ScoreSummary {
            notice: explain::NOTICE,
            model_version: self.model_version?,
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
    }

    fn video(&self) -> Video<'a> {
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
pub async fn list(db: &Db, query: ListQuery) -> Result<Json<Page<Video<'static>>>, Problem> {
    let PageSize(limit) = query.limit;
    let after: Option<After> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    if after.as_ref().is_some_and(|after| after.sort != query.sort) {
        return Err(Problem::new(platform::endpoint::Kind::InvalidQuery)
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
    let answer = db.query_raw("list_videos", &listing).await?;
    let rows: Vec<Row<'_>> = answer.rows().map_err(DbError::from)?;
    Json::write(&page(&rows, query.sort, limit)?, answer.len())
}

/// The first `limit` rows, and where to go on when there are more.
fn page<'a>(rows: &[Row<'a>], sort: Sort, limit: usize) -> Result<Page<Video<'a>>, DbError> {
    let last = rows.get(limit - 1).filter(|_| rows.len() > limit);
    let next_cursor = last.map(|row| {
        Ok::<_, DbError>(platform::endpoint::encode_cursor(&After {
            sort,
            key: value(row.page_key)?.unwrap_or_default(),
            id: value(Some(row.id))?.ok_or(DbError::NotFound)?,
        }))
    });
    Ok(Page {
        items: rows.iter().take(limit).map(Row::video).collect(),
        next_cursor: next_cursor.transpose()?,
    })
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
    Json::write(&detail(details.ok_or(DbError::NotFound)?)?, answer.len())
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

/// The score of a row in words.
fn explanation(
    row: &Row<'_>,
    parts: Option<(&ScoreComponents, &Measures)>,
) -> Result<Option<Explanation>, DbError> {
    let n = value(row.n)?.unwrap_or_default();
    let withheld: Option<String> = value(row.withheld)?;
    if let Some(reason) = withheld.and_then(|reason| Withheld::named(&reason, n)) {
        return Ok(Some(Explanation {
            summary: explain::withheld(&MODEL, reason),
            reasons: Vec::new(),
        }));
    }
    let (
        Some((components, measures)),
        Some(raw_multiplier),
        Some(multiplier),
        Some(z_total),
        Some(score),
        Some(label),
        Some(confidence),
        Some(basis),
    ) = (
        parts,
        value(row.raw_multiplier)?,
        value(row.multiplier)?,
        value(row.z_total)?,
        value(row.score)?,
        value(row.label)?,
        value(row.confidence)?,
        value(row.basis)?,
    )
    else {
        return Ok(None);
    };
    let score = Score {
        n,
        reach: components.reach,
        velocity: components.velocity,
        engagement: components.engagement,
        retention: components.retention,
        raw_multiplier,
        multiplier,
        z_total,
        score,
        label,
        confidence,
    };
    let comparison = Comparison {
        basis,
        checkpoint_h: value(row.checkpoint_hours)?,
        format: value(row.format)?,
    };
    Ok(Some(Explanation {
        summary: explain::summary(&score, measures.views, comparison),
        reasons: explain::reasons(&MODEL, &score, measures),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn row(n: u32) -> Value {
        json!({
            "id": format!("00000000-0000-7000-8000-00000000000{n}"),
            "channel_id": "00000000-0000-7000-8000-0000000000aa",
            "youtube_video_id": "abcdefghijk", "title": "Say \"hi\" \u{1F600}", "format": "short", "privacy": "public",
            "published_at": "2026-11-22T09:30:00.120000+00:00", "duration_seconds": 58, "thumbnail_url": null,
            "views": 9_007_199_254_740_993_i64, "likes": 0, "comments": null, "average_view_percentage": 71.25,
            "counted_at": "2026-11-22T10:00:00+00:00", "gone_at": null, "model_version": null, "basis": null,
            "checkpoint_hours": null, "label": null, "withheld": null, "n": null, "score": null, "multiplier": null,
            "raw_multiplier": null, "z_total": null, "confidence": null, "confidence_level": null, "scored_at": null,
            "scores_shown": true, "page_key": null,
        })
    }

    fn scored(mut row: Value, change: &Value) -> Value {
        let score = json!({
            "model_version": "v1", "basis": "lifetime_total", "label": "outlier", "n": 12, "score": 91, "multiplier": 3.5,
            "raw_multiplier": 4.25, "z_total": 2.5, "confidence": 0.75, "confidence_level": "high",
            "scored_at": "2026-11-22T10:05:00+00:00",
        });
        for more in [&score, change] {
            let more = more.as_object().unwrap().clone();
            row.as_object_mut().unwrap().extend(more);
        }
        row
    }

    fn listed(rows: &Value, limit: usize) -> Value {
        let text = rows.to_string();
        let rows: Vec<Row<'_>> = serde_json::from_str(&text).unwrap();
        serde_json::to_value(page(&rows, Sort::Published, limit).unwrap()).unwrap()
    }

    #[test]
    fn a_row_becomes_a_video_and_its_values_stay_as_they_are() {
        let page = listed(&json!([row(1)]), 25);
        assert_eq!(page["next_cursor"], json!(null));
        let video = &page["items"][0];
        assert_eq!(video["title"], "Say \"hi\" \u{1F600}");
        assert_eq!(video["published_at"], "2026-11-22T09:30:00.12Z");
        assert_eq!(video["thumbnail_url"], json!(null));
        assert_eq!(video["youtube"]["views"], 9_007_199_254_740_993_i64);
        assert_eq!(video["youtube"]["average_view_percentage"], 71.25);
        assert_eq!(video["youtube"]["counted_at"], "2026-11-22T10:00:00Z");
        assert_eq!(video["score"], json!(null));
        assert_eq!(video["scores_shown"], true);
    }

    #[test]
    fn a_score_is_an_object_of_its_own() {
        let page = listed(&json!([scored(row(1), &json!({}))]), 25);
        assert_eq!(
            page["items"][0]["score"],
            json!({
                "notice": explain::NOTICE, "model_version": "v1", "score": 91, "multiplier": 3.5, "raw_multiplier": 4.25,
                "label": "outlier", "withheld": null, "confidence": 0.75, "confidence_level": "high",
                "basis": "lifetime_total", "checkpoint_hours": null, "n": 12, "scored_at": "2026-11-22T10:05:00Z",
            })
        );
    }

    #[test]
    fn a_page_goes_on_after_its_last_row_whether_that_was_published_or_not() {
        for (key, expected) in [(json!("2026-11-22"), "2026-11-22"), (json!(null), "")] {
            let mut last = row(2);
            last["page_key"] = key;
            let page = listed(&json!([row(1), last, row(3)]), 2);
            assert_eq!(page["items"].as_array().unwrap().len(), 2);
            let after: After = decode_cursor(page["next_cursor"].as_str().unwrap()).unwrap();
            assert_eq!(
                (after.key.as_str(), after.sort),
                (expected, Sort::Published)
            );
            assert_eq!(after.id.to_string(), row(2)["id"]);
        }
    }

    #[test]
    fn a_withheld_score_says_why() {
        let withheld = json!({"withheld": "too_few", "n": 2, "score": null, "multiplier": null});
        let text =
            json!({"video": scored(row(1), &withheld), "series": [], "baseline": []}).to_string();
        let detail = detail(serde_json::from_str(&text).unwrap()).unwrap();
        let explanation = detail.explanation.unwrap();
        assert_eq!(
            explanation.summary,
            explain::withheld(&MODEL, Withheld::named("too_few", 2).unwrap())
        );
    }

    #[test]
    fn a_value_of_another_type_is_an_error_and_no_missing_explanation() {
        let text =
            json!({"video": scored(row(1), &json!({"n": "many"})), "series": [], "baseline": []})
                .to_string();
        assert!(detail(serde_json::from_str(&text).unwrap()).is_err());
    }
}
