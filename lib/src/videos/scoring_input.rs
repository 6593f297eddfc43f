//! What a channel's videos are scored from.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use platform::db::{Db, DbError};
use scoring::channel::StoredVideo;
use scoring::{Basis, Format, Snapshot};

/// Videos read at once: what the function allows.
const PAGE: usize = 1000;

/// A channel as it was read.
pub(super) struct Input {
    pub(super) now: Timestamp,
    pub(super) synced_at: Option<Timestamp>,
    pub(super) ids: Vec<Uuid>,
    pub(super) videos: Vec<StoredVideo>,
}

#[derive(Deserialize)]
struct Page {
    now: f64,
    last_synced: Option<f64>,
    videos: Vec<VideoRow>,
}

#[derive(Deserialize)]
struct VideoRow {
    id: Uuid,
    youtube_video_id: String,
    published_at: f64,
    format: Option<Format>,
    views: Option<f64>,
    likes: Option<f64>,
    comments: Option<f64>,
    analytics_at: Option<f64>,
    snapshots: Vec<SnapshotRow>,
}

/// Basis, seconds since 1970, views, likes, comments, average percentage viewed.
type SnapshotRow = (Basis, f64, f64, Option<f64>, Option<f64>, Option<f64>);

/// Reads all of a channel's videos with their history.
pub(super) async fn read(engine: &Db, channel: Uuid) -> Result<Input, DbError> {
    let mut rows: Vec<VideoRow> = Vec::new();
    loop {
        let after = rows.last().map(|row| row.id);
        let arguments = json!({"p_channel": channel, "p_after": after, "p_limit": PAGE});
        let page: Page = engine.call("scoring_input", &arguments).await?;
        let full = page.videos.len() == PAGE;
        rows.extend(page.videos);
        if !full {
            return Ok(input(page.now, page.last_synced, rows));
        }
    }
}

fn input(now: f64, last_synced: Option<f64>, mut rows: Vec<VideoRow>) -> Input {
    // The smaller YouTube id counts as the earlier of two videos published at the same time.
    rows.sort_unstable_by(|a, b| a.youtube_video_id.cmp(&b.youtube_video_id));
    let (ids, videos) = rows
        .into_iter()
        .zip(0_i64..)
        .map(|(row, tie)| {
            let video = StoredVideo {
                published_at: time(row.published_at),
                tie,
                format: row.format,
                views: row.views,
                interactions: sum(row.likes, row.comments),
                analytics_at: row.analytics_at.map(time),
                snapshots: row.snapshots.into_iter().map(snapshot).collect(),
            };
            (row.id, video)
        })
        .unzip();
    Input {
        now: time(now),
        synced_at: last_synced.map(time),
        ids,
        videos,
    }
}

fn snapshot((basis, observed, views, likes, comments, percent): SnapshotRow) -> Snapshot {
    Snapshot {
        observed_at: time(observed),
        basis,
        views,
        interactions: sum(likes, comments),
        viewed_percent: percent,
    }
}

fn sum(likes: Option<f64>, comments: Option<f64>) -> Option<f64> {
    Some(likes? + comments?)
}

/// Postgres' seconds since 1970, to the microsecond it keeps.
fn time(seconds: f64) -> Timestamp {
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
pub(super) mod tests;
