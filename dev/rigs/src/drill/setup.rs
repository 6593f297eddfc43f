//! A user with a channel that has the catalogue, and channels for the jobs.

use std::path::Path;
use std::time::Instant;

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};
use stack::api_client::{self, Client};
use stack::{Addresses, controls};
use uuid::Uuid;

use super::database::{PATIENCE, POLL_EVERY};

/// Channels that the jobs are spread over.
const CHANNELS: usize = 4;
/// A file: three whole pieces and a rest.
const FILE_BYTES: u32 = 900_000;
/// What the channel with the catalogue is called.
const CATALOGUE: &str = "Drill";

/// Signs a user up, connects the channels and waits until all are synchronised; the user, and the channels for the jobs.
pub(super) async fn prepare(
    addresses: &Addresses,
    catalog: Option<&Path>,
) -> Result<(Client, Vec<Uuid>)> {
    controls::set(
        &addresses.youtube,
        "knobs",
        json!({"quota_units": 1_000_000_000, "quota_uploads": 1_000_000, "processing_polls": 1}),
    )
    .await?;
    controls::set(
        &addresses.revid,
        "knobs",
        json!({"file_bytes": FILE_BYTES, "ready_after_real_ms": 500}),
    )
    .await?;
    let user = Client::sign_up(addresses).await?;
    for number in 0..=CHANNELS {
        let account = format!("drill-{number}");
        let channel = match (number, catalog) {
            (0, Some(catalog)) => json!({"title": CATALOGUE, "catalog": catalog}),
            (0, None) => json!({"title": CATALOGUE, "generated": {"videos": 240, "seed": 7}}),
            _ => json!({"title": format!("Channel {number}"), "rows": []}),
        };
        controls::create_account(&addresses.google, &account, channel).await?;
        user.connect(&account).await?;
    }
    let channels = synchronised(&user).await?;
    Ok((user, channels))
}

/// The channels for the jobs, once all are synchronised.
async fn synchronised(user: &Client) -> Result<Vec<Uuid>> {
    let began = Instant::now();
    loop {
        let listed = user.get("/api/channels").await?;
        let items = listed["items"].as_array().map_or(&[][..], Vec::as_slice);
        let is_idle = |channel: &Value| channel["sync"]["state"] == "idle";
        if items.len() == CHANNELS + 1 && items.iter().all(is_idle) {
            let for_jobs = items.iter().filter(|channel| channel["title"] != CATALOGUE);
            return for_jobs.map(api_client::id).collect();
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "the channels were not synchronised",
                listed.to_string(),
            ));
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}
