//! `catalyst-dev fairness`: one channel does all that it can, as often as it can, while the uploads of many others are due.
//! Each of these must be public within a minute of its slot.
//!
//! The rate limits are off, so that what stands behind them is tried: the shares of YouTube's quota, the order in which
//! dispatchers take steps, and how many of them one channel and one kind may hold.

mod channel;
mod greedy;
mod hanging;
mod verdict;

use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::{Addresses, Stack, controls};

use crate::database::{RIG, run_all, value};
use crate::environment::{Environment, tell, tenths};
use crate::patience::until;
use crate::stand_ins::turn;
use channel::Channel;
use greedy::Greedy;
use verdict::{LATEST, verdict};

/// The greedy channel is at it for this long before the others schedule.
const AHEAD: Duration = Duration::from_secs(5);
/// Channels that are prepared side by side.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(180);
const POLL_EVERY: Duration = Duration::from_millis(250);

/// The report as a person reads it.
const SUMMARY: &str = "  greedy      {requests}
              its calls of YouTube: {calls}; {hanging} of its webhooks hung
  public      after the slot: p50 {public_p50} s, p99 {public_p99} s, at most {public_max} s
  told        published, after the slot: p50 {told_p50} s, p99 {told_p99} s, at most {told_max} s
  verdict     {late} of {others} channels were later than a minute or not public at all; {seconds} s";

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct FairnessArgs {
    /// Channels, one of which is greedy.
    #[arg(long, default_value_t = 50)]
    channels: usize,
    /// Seconds from the time at which the others schedule to their slot.
    #[arg(long, default_value_t = 45)]
    lead: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Runs the rig and writes `fairness/report.json` into Cargo's target folder. True when every other channel published within
/// a minute of its slot while the greedy one was at it.
///
/// # Errors
///
/// When the stack does not start, a channel cannot be prepared, or the report cannot be written.
pub async fn run(project: &Project, args: &FairnessArgs) -> Result<bool> {
    let variables = [("ENABLE_RATE_LIMITING", "false"), ("LOG_LEVEL", "error")];
    let environment = Environment::new(project, "fairness", args.release, &variables)?;
    let rig = async |stack: &mut Stack, _: &Environment| share(stack, args).await;
    let (report, reports) = Box::pin(environment.run(project, "logs", false, rig)).await?;
    tell(&report, SUMMARY);
    reports.write("report.json", &report)?;
    Ok(report["ok"] == true)
}

async fn share(stack: &Stack, args: &FairnessArgs) -> Result<Value> {
    let began = Instant::now();
    let (addresses, database) = (stack.addresses(), stack.database().await?);
    run_all(&database, RIG).await?;
    turn(&addresses.youtube, json!({"processing_polls": 1})).await?;
    let renders = json!({"file_bytes": 300_000, "ready_after_real_ms": 300});
    turn(&addresses.revid, renders).await?;
    let greedy = Greedy::prepare(&addresses, &database).await?;
    let channels = prepare(&addresses, &database, args.channels.max(2) - 1).await?;
    is_settled(&database).await?;

    let at_it = greedy.go(&addresses)?;
    tokio::time::sleep(AHEAD).await;
    let slot = Timestamp::now() + SignedDuration::from_secs(args.lead.into());
    let scheduled = channels.iter().map(|channel| channel.schedule(slot));
    let uploads = try_join_all(scheduled).await?;
    println!("  {} uploads are due at {slot:.0}", uploads.len());
    let deadline = slot + SignedDuration::try_from(2 * LATEST).unwrap_or_default();
    while Timestamp::now() < deadline && !channel::all_over(&database, &uploads).await? {
        tokio::time::sleep(POLL_EVERY).await;
    }
    let requests = at_it.stop();
    let youtube = controls::state(&addresses.youtube).await?;
    let seen = channel::look(&database, &youtube, &uploads).await?;
    let mut report = verdict(&seen);
    let did = greedy.did(&addresses, &requests).await?;
    report["ok"] = json!(report["late"] == 0 && did.is_greedy);
    report["requests"] = did.requests;
    report["calls"] = did.calls;
    report["hanging"] = json!(requests.hanging);
    report["seconds"] = json!(tenths(began.elapsed().as_secs_f64()));
    database.close().await;
    Ok(report)
}

async fn prepare(
    addresses: &Addresses,
    database: &PgPool,
    channels: usize,
) -> Result<Vec<Channel>> {
    let channels = (0..channels).map(|number| Channel::prepare(addresses, database, number));
    stream::iter(channels)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Waits until every render is ready and nothing is left of connecting so many channels. The greedy one's webhooks and refused
/// starts never rest.
async fn is_settled(database: &PgPool) -> Result {
    let settled = "select not exists (select from public.renders where state <> 'ready') and not exists (
         select from private.steps where kind not in ('webhook.deliver', 'upload.advance')
           and (state = 'running' or (state = 'waiting' and due_at < private.now() + interval '1 second')))";
    let is_settled = async || value(database, settled, ()).await;
    until("the channels are ready", PATIENCE, POLL_EVERY, is_settled).await
}
