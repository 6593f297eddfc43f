//! The channel of 6,557 videos: connected, synchronised and scored through the product itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::report::{Report, Row, Runs};
use super::testbed::{Testbed, call};

/// Videos of the channel.
const VIDEOS: usize = 6_557;
const PATIENCE: Duration = Duration::from_secs(180);

/// Synchronises the channel and gives its id.
pub(super) async fn measure(
    bed: &Testbed,
    report: &mut Report,
    catalog: Option<&Path>,
) -> Result<Uuid> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let catalog = match catalog {
        Some(path) => path.to_owned(),
        None => make_catalog(folder.path())?,
    };
    let channel = connect(bed, "bench", json!({"title": "Bench", "catalog": catalog})).await?;
    let before = units(bed).await?;
    let began = Instant::now();
    bed.api(
        &bed.user,
        Method::POST,
        &format!("/api/channels/{channel}/sync"),
        Some(json!({})),
    )
    .await?;
    let path = format!("/api/channels/{channel}");
    let synced = wait(bed, &path, |channel| {
        match channel["sync"]["state"].as_str() {
            Some("idle") => Some(Ok(())),
            Some("failed") => Some(Err(channel["sync"]["reason"].to_string())),
            _ => None,
        }
    })
    .await?;
    let took = began.elapsed().as_secs_f64();
    let videos = synced["sync"]["videos_synced"].as_f64().unwrap_or(f64::NAN);
    let spent = units(bed).await? - before;
    report.add(
        Row::new(
            format!("sync of a channel of {videos} videos"),
            "s",
            Runs::once(took),
        )
        .note("catalogue, counters, formats and daily curves, through the dispatcher"),
    );
    report.add(Row::new("sync: YouTube units", "units", Runs::once(spent)));
    let began = Instant::now();
    let path = format!("/api/channels/{channel}/insights");
    wait(bed, &path, |insights| {
        let at = |name: &str| {
            insights[name]
                .as_str()
                .and_then(|time| time.parse::<jiff::Timestamp>().ok())
        };
        match (at("last_synced_at"), at("last_scored_at")) {
            (Some(synced), Some(scored)) if scored > synced => Some(Ok(())),
            _ => None,
        }
    })
    .await?;
    report.add(
        Row::new(
            "sync: all its scores stored after",
            "s",
            Runs::once(began.elapsed().as_secs_f64()),
        )
        .note("read, scored and written through PostgREST, from the end of the synchronisation"),
    );
    channel
        .parse()
        .map_err(|_| Error::setup("a channel without an id", channel))
}

/// Connects a channel at the stand-in of Google, as a user does.
pub(super) async fn connect(bed: &Testbed, account: &str, channel: Value) -> Result<String> {
    let url = format!("{}/_control/accounts", bed.addresses.google);
    bed.control(url, json!({"account": account, "channel": channel}))
        .await?;
    let started = bed
        .api(
            &bed.user,
            Method::POST,
            "/api/channels/connect",
            Some(json!({"login_hint": account})),
        )
        .await?;
    let consent = started["authorization_url"].as_str().unwrap_or_default();
    let answer = bed
        .http
        .get(consent)
        .send()
        .await
        .map_err(|error| Error::setup("consent does not answer", error.to_string()))?;
    let back = answer
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let connected = call(bed.http.get(back).header("accept", "application/json")).await?;
    let id = connected["channel_id"]
        .as_str()
        .or(connected["id"].as_str());
    if let Some(id) = id {
        return Ok(id.to_owned());
    }
    let channels = bed
        .api(&bed.user, Method::GET, "/api/channels", None)
        .await?;
    channels["items"][0]["id"]
        .as_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup("no channel is connected", connected.to_string()))
}

/// Asks until the answer says that it is over.
pub(super) async fn wait(
    bed: &Testbed,
    path: &str,
    seen: impl Fn(&Value) -> Option<std::result::Result<(), String>>,
) -> Result<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = bed.api(&bed.user, Method::GET, path, None).await?;
        match seen(&answer) {
            Some(Ok(())) => return Ok(answer),
            Some(Err(why)) => {
                return Err(Error::setup(format!("{path}: {why}"), answer.to_string()));
            }
            None if Instant::now() > until => {
                return Err(Error::setup(
                    format!("{path} is not done after {} s", PATIENCE.as_secs()),
                    answer.to_string(),
                ));
            }
            None => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
}

/// Units of the YouTube Data API that the stand-in has charged so far.
async fn units(bed: &Testbed) -> Result<f64> {
    let state = call(bed.http.get(format!("{}/_state", bed.addresses.youtube))).await?;
    Ok(state["quota"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|bucket| bucket["bucket"] == "units")
        .filter_map(|bucket| bucket["used"].as_f64())
        .sum())
}

fn make_catalog(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("uploads.csv");
    let rows = fakes::generate_catalog(VIDEOS, 7, jiff::Timestamp::now());
    let file = std::fs::File::create(&path).map_err(Error::io("cannot write the catalogue"))?;
    fakes::write_catalog(file, &rows)
        .map_err(|error| Error::setup("the catalogue cannot be written", error.to_string()))?;
    Ok(path)
}
