//! The channel of 6,557 videos: connected, synchronised and scored through the product itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};
use stack::api_client::{self, Progress};
use stack::controls;
use uuid::Uuid;

use super::row::{Row, Runs};
use super::{report::Report, testbed::Testbed};
use crate::stand_ins::{connect, list};

/// Videos of the channel.
const VIDEOS: usize = 6_557;
const PATIENCE: Duration = Duration::from_secs(180);
const POLL_EVERY: Duration = Duration::from_millis(25);

/// Synchronises the channel and gives its id.
pub(super) async fn measure(
    testbed: &Testbed,
    report: &mut Report,
    catalog: Option<&Path>,
) -> Result<Uuid> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let catalog = match catalog {
        Some(path) => path.to_owned(),
        None => make_catalog(folder.path())?,
    };
    let channel = json!({"title": "Bench", "catalog": catalog});
    let channel = connect(&testbed.addresses, &testbed.user, "bench", channel).await?;
    let before = units(testbed).await?;
    let (videos, seconds) = synchronise(testbed, channel).await?;
    let name = format!("sync of a channel of {videos} videos");
    report.add(
        Row::new(name, "s", Runs::once(seconds))
            .note("catalogue, counters, formats and daily curves, through the dispatcher"),
    );
    let spent = units(testbed).await? - before;
    report.add(Row::new("sync: YouTube units", "units", Runs::once(spent)));
    let began = Instant::now();
    let path = format!("/api/channels/{channel}/insights");
    let scored = |insights: &Value| match api_client::is_scored(insights) {
        true => Progress::Done,
        false => Progress::Pending(insights.to_string()),
    };
    testbed
        .user
        .wait(&path, PATIENCE, POLL_EVERY, scored)
        .await?;
    let seconds = Runs::once(began.elapsed().as_secs_f64());
    report.add(
        Row::new("sync: all its scores stored after", "s", seconds).note(
            "read, scored and written through PostgREST, from the end of the synchronisation",
        ),
    );
    Ok(channel)
}

/// The number of videos, and how many seconds they took.
async fn synchronise(testbed: &Testbed, channel: Uuid) -> Result<(u64, f64)> {
    let path = format!("/api/channels/{channel}");
    let began = Instant::now();
    testbed
        .user
        .post(&format!("{path}/sync"), json!({}))
        .await?;
    let idle = |channel: &Value| match channel["sync"]["state"].as_str() {
        Some("idle") => Progress::Done,
        Some("failed") => Progress::Failed(channel["sync"]["reason"].to_string()),
        _ => Progress::Pending(channel["sync"].to_string()),
    };
    let synced = testbed.user.wait(&path, PATIENCE, POLL_EVERY, idle).await?;
    let videos = synced["sync"]["videos_synced"].as_u64().unwrap_or_default();
    Ok((videos, began.elapsed().as_secs_f64()))
}

/// Units of the YouTube Data API that the stand-in has charged so far.
async fn units(testbed: &Testbed) -> Result<f64> {
    let state = controls::state(&testbed.addresses.youtube).await?;
    let units = list(&state, "quota")
        .iter()
        .filter(|bucket| bucket["bucket"] == "units");
    Ok(units.filter_map(|bucket| bucket["used"].as_f64()).sum())
}

fn make_catalog(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("uploads.csv");
    let rows = fakes::generate_catalog(VIDEOS, 7, jiff::Timestamp::now());
    let file = std::fs::File::create(&path).map_err(Error::io("cannot write the catalogue"))?;
    fakes::write_catalog(file, &rows)
        .map_err(|error| Error::setup("the catalogue cannot be written", error.to_string()))?;
    Ok(path)
}
