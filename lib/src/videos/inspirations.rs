//! The videos a draft may learn from.

use std::collections::HashMap;

use super::video::ScoredVideo;
use platform::db::{Db, DbError, Fetch};
use platform::ids::ChannelId;
use scoring::{Format, Label, inspiration};

/// How many videos that worked are named.
const PICKS: usize = 6;
/// How many that did not.
const FLOPS: usize = 2;
/// How many candidates are read, so that different topics are among them.
const CANDIDATES: usize = 60;

/// What a channel's own results say to the next draft.
#[derive(Clone, Debug, Default)]
pub struct Inspirations {
    /// The one format all of them have; `None` when there are none.
    pub format: Option<Format>,
    /// Up to six videos that did better than usual, best first, on different topics.
    pub picks: Vec<ScoredVideo>,
    /// Up to two that did worse, as contrast.
    pub flops: Vec<ScoredVideo>,
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
) -> Result<Inspirations, DbError> {
    let query = |better: bool| {
        let query = db
            .from("scored_videos")
            .select("id,youtube_video_id,title,format,published_at,views,multiplier,score,label,confidence_level")
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
        .rows::<ScoredVideo>()
    };
    let (better, worse) = futures_util::future::try_join(query(true), query(false)).await?;
    Ok(choose(better, worse))
}

/// From candidates, best example first.
fn choose(better: Vec<ScoredVideo>, worse: Vec<ScoredVideo>) -> Inspirations {
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
    let of_format = |rows: Vec<ScoredVideo>| rows.into_iter().filter(|row| row.format == format);
    let picks = inspiration::different_topics(of_format(better), |row| &row.title, PICKS, &[]);
    let taken: Vec<&str> = picks.iter().map(|row| row.title.as_str()).collect();
    let flops = inspiration::different_topics(of_format(worse), |row| &row.title, FLOPS, &taken);
    Inspirations {
        format,
        picks,
        flops,
    }
}

#[cfg(test)]
mod tests;
