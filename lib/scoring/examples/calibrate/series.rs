//! Curves of young videos, read from `series-two-weeks.csv`.

use std::collections::BTreeMap;
use std::path::Path;

use scoring::checkpoint::{age_h, interpolate};
use scoring::forecast::{Count, Curve, DAY_7_H};
use serde::Deserialize;

use crate::catalogue::time;

/// What is known of day 7 may lie between counts that are further apart than the product takes.
const MAX_AGE_RATIO: f64 = 3.5;

/// A video whose first day and seventh are known.
pub(crate) struct Young {
    pub(crate) channel: String,
    pub(crate) counts: Vec<Count>,
    pub(crate) first: Count,
    /// ln(1 + views) at day 7.
    pub(crate) end: f64,
    /// Views at their last count of the channel's videos published before, where that was at day 5 or later.
    pub(crate) earlier: Vec<f64>,
}

impl Young {
    /// ln(168 h ÷ age) at the first count.
    pub(crate) fn age(&self) -> f64 {
        (DAY_7_H / self.first.age_h).ln()
    }

    /// Growth of ln(1 + views) until day 7.
    pub(crate) fn growth(&self) -> f64 {
        self.end - self.first.views.ln_1p()
    }
}

#[derive(Deserialize)]
struct Row {
    channel: String,
    video: u64,
    published_at: String,
    observed_at: String,
    views: f64,
}

struct Video {
    published_at: jiff::Timestamp,
    counts: Vec<Count>,
}

/// Reads the young videos.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn read(folder: &Path) -> Result<Vec<Young>, Box<dyn std::error::Error>> {
    let mut channels: BTreeMap<String, BTreeMap<u64, Video>> = BTreeMap::new();
    for row in csv::Reader::from_path(folder.join("series-two-weeks.csv"))?.deserialize() {
        let row: Row = row?;
        let published_at = time(&row.published_at)?;
        let age_h = age_h(published_at, time(&row.observed_at)?);
        let views = row.views;
        let videos = channels.entry(row.channel).or_default();
        let video = videos.entry(row.video).or_insert_with(|| Video {
            published_at,
            counts: Vec::new(),
        });
        video.counts.push(Count { age_h, views });
    }
    let young = channels.into_iter().flat_map(|(channel, videos)| {
        let videos: Vec<Video> = videos.into_values().collect();
        let of = |video: &Video| young(&channel, video, &videos);
        videos.iter().filter_map(of).collect::<Vec<Young>>()
    });
    Ok(young.collect())
}

fn young(channel: &str, video: &Video, videos: &[Video]) -> Option<Young> {
    let first = Curve::read(&video.counts).ok()?.first();
    let after = video
        .counts
        .iter()
        .position(|count| count.age_h >= DAY_7_H)?;
    let (low, high) = (
        video.counts.get(after.checked_sub(1)?)?,
        video.counts[after],
    );
    if high.age_h > MAX_AGE_RATIO * low.age_h {
        return None;
    }
    let end = interpolate((low.age_h, low.views), (high.age_h, high.views), DAY_7_H);
    let before = videos
        .iter()
        .filter(|other| other.published_at < video.published_at);
    let mut before: Vec<&Video> = before.collect();
    before.sort_by_key(|other| other.published_at);
    let grown = before.iter().rev().take(20).filter_map(|other| {
        let last = other.counts.last()?;
        (last.age_h >= 120.0).then_some(last.views)
    });
    Some(Young {
        channel: channel.to_owned(),
        counts: vec![first],
        first,
        end: end.ln_1p(),
        earlier: grown.collect(),
    })
}
