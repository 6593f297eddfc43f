//! `catalyst-dev fairness`: one channel does all that it can, as often as it can, while the uploads of many others are due.
//! Each of these must be public within a minute of its slot.
//!
//! The rate limits are off, so that what stands behind them is tried: the shares of YouTube's quota, the order in which
//! dispatchers take steps, and how many of them one channel and one kind may hold.

mod channel;
mod greedy;
mod hanging;

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
use channel::{Channel, Seen};
use greedy::Greedy;

/// An upload may be public so much later than its slot.
const LATEST: Duration = Duration::from_secs(60);
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

/// Waits until every render is ready and nothing is left of connecting so many channels.
async fn is_settled(database: &PgPool) -> Result {
    let settled = "select rig.is_idle('1 second') and not exists (select from public.renders where state <> 'ready')";
    let is_settled = async || value(database, settled, ()).await;
    until("the channels are ready", PATIENCE, POLL_EVERY, is_settled).await
}

/// How late the others were, in seconds, and how many were later than they may.
fn verdict(seen: &[Seen]) -> Value {
    let public = seen.iter().map(|seen| seen.public).collect();
    let told = seen.iter().map(|seen| seen.told).collect();
    let [public, told] = [public, told].map(sorted);
    let latest = LATEST.as_secs_f64();
    let is_late = |seen: &&Seen| !(seen.public <= latest && seen.told <= latest);
    json!({
        "others": seen.len(), "late": seen.iter().filter(is_late).count(),
        "public_p50": at(&public, 0.5), "public_p99": at(&public, 0.99), "public_max": at(&public, 1.0),
        "told_p50": at(&told, 0.5), "told_p99": at(&told, 0.99), "told_max": at(&told, 1.0),
        "list": seen.iter().map(Seen::line).collect::<Vec<_>>(),
    })
}

fn sorted(mut seconds: Vec<f64>) -> Vec<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// The value below which this part of them lies; null when it is beyond all time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index below the length of a short list"
)]
fn at(sorted: &[f64], part: f64) -> Value {
    let index = (sorted.len() as f64 * part).ceil() as usize;
    let value = sorted.get(index.saturating_sub(1)).copied();
    json!(value.map(tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_is_never_public_is_late() {
        let seen = |public, told| Seen {
            public,
            told,
            state: "published".to_owned(),
        };
        let on_time = verdict(&[seen(0.0, 3.0), seen(1.0, 60.0)]);
        assert_eq!(
            (&on_time["late"], &on_time["told_max"]),
            (&json!(0), &json!(60.0))
        );
        let late = verdict(&[seen(0.0, 3.0), seen(0.0, 60.5), seen(f64::INFINITY, 3.0)]);
        assert_eq!(
            (&late["late"], &late["public_max"]),
            (&json!(2), &Value::Null)
        );
    }
}
