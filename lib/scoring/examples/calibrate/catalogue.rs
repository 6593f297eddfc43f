//! Whole channels, read from `catalogues.csv`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use scoring::{MODEL, Measures};
use serde::Deserialize;

/// Totals of younger videos still grow too fast, and the times of observation are some weeks early.
const LEAST_AGE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// A channel's videos, earliest first, each with what it is compared with.
pub(crate) struct Channel {
    pub(crate) videos: Vec<Video>,
}

/// A video with its predecessors, earliest first.
pub(crate) struct Video {
    pub(crate) measures: Measures,
    pub(crate) baseline: Vec<Measures>,
}

#[derive(Deserialize)]
struct Row {
    channel: String,
    video: u64,
    published_at: String,
    views: f64,
    likes: Option<f64>,
    comments: Option<f64>,
    observed_at: String,
}

/// Reads the channels.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn read(folder: &Path) -> Result<Vec<Channel>, Box<dyn std::error::Error>> {
    let mut channels: BTreeMap<String, Vec<(Timestamp, u64, Measures)>> = BTreeMap::new();
    for row in csv::Reader::from_path(folder.join("catalogues.csv"))?.deserialize() {
        let row: Row = row?;
        let published_at = time(&row.published_at)?;
        if time(&row.observed_at)?.duration_since(published_at) < LEAST_AGE {
            continue;
        }
        let measures = Measures {
            views: row.views,
            interactions: row.likes.zip(row.comments).map(|(one, other)| one + other),
            ..Measures::default()
        };
        let videos = channels.entry(row.channel).or_default();
        videos.push((published_at, row.video, measures));
    }
    Ok(channels.into_values().map(channel).collect())
}

/// A time, or the first moment of a day.
pub(crate) fn time(text: &str) -> Result<Timestamp, jiff::Error> {
    text.parse().or_else(|_| {
        let day: Date = text.parse()?;
        Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
    })
}

fn channel(mut videos: Vec<(Timestamp, u64, Measures)>) -> Channel {
    videos.sort_by_key(|&(published_at, video, _)| (published_at, video));
    let year = SignedDuration::from_hours(24 * MODEL.window_days);
    let with_baseline = |&(published_at, _, measures): &(Timestamp, u64, Measures)| {
        let end = videos.partition_point(|video| video.0 < published_at);
        let start = videos.partition_point(|video| published_at.duration_since(video.0) > year);
        let window = &videos[start.max(end.saturating_sub(MODEL.window))..end];
        Video {
            measures,
            baseline: window.iter().map(|video| video.2).collect(),
        }
    };
    let videos = videos.iter().map(with_baseline).collect();
    Channel { videos }
}
