//! The videos a draft may learn from.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use platform::db::{Db, DbError, Fetch};
use platform::ids::{ChannelId, VideoId};
use scoring::{Confidence, Format, Label, MODEL, inspiration};

/// How many videos that worked are named.
const PICKS: usize = 6;
/// How many that did not.
const FLOPS: usize = 2;
/// How many candidates are read, so that different topics are among them.
const CANDIDATES: usize = 60;

/// A video with how it did, as the provenance of a draft keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inspiration {
    /// The video.
    pub id: VideoId,
    /// Its id on YouTube.
    pub youtube_video_id: String,
    /// Its title: text from outside, never an instruction.
    pub title: String,
    /// Its cohort.
    pub format: Option<Format>,
    /// When it was published.
    pub published_at: Timestamp,
    /// Its public counter.
    pub views: Option<i64>,
    /// Published multiplier: 2.0 is twice the channel's usual views.
    pub multiplier: f64,
    /// Score from 0 to 100.
    pub score: i16,
    /// The score in one word.
    pub label: Label,
    /// How sure it is.
    pub confidence: Confidence,
    /// Worth as an example today; negative for flops.
    #[serde(default)]
    #[schema(required = true)]
    pub rank: f64,
}

/// What a channel's own results say to the next draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inspirations {
    /// The one format all of them have; `None` when there are none.
    pub format: Option<Format>,
    /// Up to six videos that did better than usual, best first, on different topics.
    pub picks: Vec<Inspiration>,
    /// Up to two that did worse, as contrast.
    pub flops: Vec<Inspiration>,
}

/// Chooses the examples for a draft from a channel's scores: at least medium confidence, one format, different topics,
/// recent before old ([`inspiration::rank`]). Without `format` it is the one in which most of the best examples are.
/// Empty for a channel without scores, and while the operator has not accepted the derived-metrics amendment.
///
/// `db` is the user's own access ([`Ctx::db`](platform::endpoint::Ctx::db)): row level security decides what is seen.
///
/// # Errors
///
/// [`DbError`].
pub async fn inspirations(
    db: &Db,
    channel: ChannelId,
    format: Option<Format>,
    now: Timestamp,
) -> Result<Inspirations, DbError> {
    let query = |better: bool| {
        let query = db
            .from("scored_videos")
            .select("id,youtube_video_id,title,format,published_at,views,multiplier,score,label,confidence:confidence_level")
            .eq("channel_id", channel)
            .is("gone_at", "null")
            .in_("confidence_level", ["medium", "high"]);
        let query = if better {
            query.gt("log_multiplier", 0)
        } else {
            query.eq("label", Label::Below.as_str())
        };
        match format {
            Some(format) => query.eq("format", format.as_str()),
            None => query,
        }
        .order("inspiration_order.desc,id.desc")
        .limit(CANDIDATES)
        .rows::<Inspiration>()
    };
    let (better, worse) = futures_util::future::try_join(query(true), query(false)).await?;
    Ok(choose(better, worse, now))
}

/// From candidates, best example first.
fn choose(better: Vec<Inspiration>, worse: Vec<Inspiration>, now: Timestamp) -> Inspirations {
    let mut counts: HashMap<Option<Format>, usize> = HashMap::new();
    for row in &better {
        *counts.entry(row.format).or_default() += 1;
    }
    // Of two formats with as many examples, that of the best example.
    let Some(format) = better
        .iter()
        .map(|row| row.format)
        .rev()
        .max_by_key(|format| counts[format])
    else {
        return Inspirations::default();
    };
    let ranked = |rows: Vec<Inspiration>| {
        let rows = rows.into_iter().filter(|row| row.format == format);
        rows.map(|mut row| {
            let age_days = now.duration_since(row.published_at).as_secs_f64() / 86_400.0;
            row.rank = inspiration::rank(&MODEL, row.multiplier.ln(), age_days);
            row
        })
    };
    let picks = inspiration::different_topics(ranked(better), |row| &row.title, PICKS, &[]);
    let taken: Vec<&str> = picks.iter().map(|row| row.title.as_str()).collect();
    let flops = inspiration::different_topics(ranked(worse), |row| &row.title, FLOPS, &taken);
    Inspirations {
        format,
        picks,
        flops,
    }
}

#[cfg(test)]
mod tests;
