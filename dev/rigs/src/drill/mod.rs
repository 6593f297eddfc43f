//! `catalyst-dev drill`: the local stack's database is destroyed in the middle of uploads and brought back, end to end.
//!
//! Scripts are rendered, some uploads are scheduled, and a backup is taken and verified while they run. Then more are
//! scheduled, whose very existence the backup does not know. While pieces are on their way the server is killed and its data
//! removed. An empty server takes its place, `recover` does its work, and everything is carried to its end. What happened
//! is read from the stand-in of YouTube: how many videos each job has. Beside them the database holds one of everything, of which
//! the recovery may undo no erasure and no revocation.

pub(crate) mod backup;
mod everything;
mod gaps;
mod jobs;
mod report;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::Client;
use stack::{Addresses, Options, Stack, controls, keep_awake};

use crate::environment::{Environment, tell};
use crate::{database::value, patience::until};
use backup::Backup;
use everything::Everything;
use jobs::{Job, KNOWN, PATIENCE, POLL_EVERY, created};
use report::Counts;

/// How long YouTube takes for a piece while uploads are to be caught in the middle.
const PIECE_MS: u32 = 2_500;
/// The dispatcher is woken this often, as by many requests.
const WAKE_EVERY: Duration = Duration::from_millis(500);

/// How to drill.
#[derive(Clone, Debug, clap::Args)]
pub struct DrillArgs {
    /// Uploads of a real channel: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Runs the drill and writes `drill/report.json` into Cargo's target folder. True when nothing was lost but what came after the
/// backup, nothing differs, and nothing was uploaded twice.
///
/// # Errors
///
/// When the stack does not start, or the recovery cannot go on.
pub async fn run(project: &Project, args: &DrillArgs) -> Result<bool> {
    let catalog = args.catalog.as_ref().map(|path| {
        let unreadable = Error::io(format!("cannot read the catalogue {}", path.display()));
        path.canonicalize().map_err(unreadable)
    });
    let catalog = catalog.transpose()?;
    let variables = [
        ("PIPELINE_LEASE_SECONDS", "5"),
        ("UPLOAD_PIECE_BYTES", "262144"),
        ("ENABLE_RATE_LIMITING", "false"),
        ("LOG_LEVEL", "warn"),
    ];
    let environment = Environment::new(project, "drill", args.release, &variables)?;
    let backups = environment.reports.path("backups");
    drop(std::fs::remove_dir_all(&backups));
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let awake = tokio::spawn(keep_awake(stack.environment().clone(), WAKE_EVERY));
        let options = &environment.options;
        let report = drill(project, stack, options, catalog.as_deref(), &backups).await;
        awake.abort();
        report
    };
    let (report, reports) = Box::pin(environment.run(project, "logs", false, rig)).await?;
    let good = if report["ok"] == true {
        "good"
    } else {
        "NOT GOOD"
    };
    tell(
        &report,
        &format!("  verdict     {good}: {}", report::SUMMARY),
    );
    reports.write("report.json", &report)?;
    Ok(report["ok"] == true)
}

async fn drill(
    project: &Project,
    stack: &mut Stack,
    options: &Options,
    catalog: Option<&Path>,
    backups: &Path,
) -> Result<Value> {
    let addresses = stack.addresses();
    let database = stack.database().await?;
    let (user, channels) = jobs::connect_channels(&addresses, catalog).await?;
    let jobs = jobs::render(&database, &channels).await?;
    let catalogue = videos(&database).await?;
    println!(
        "  before      {catalogue} videos, {} rendered jobs",
        jobs.len()
    );

    let everything = Everything::make(&addresses, &database, &user, channels[0]).await?;
    begin_uploads(&addresses, &database, &user, &jobs[..KNOWN]).await?;
    let backup = Backup::take(stack, backups).await?;
    let gaps = gaps::gaps(&database, &backup).await?;
    // The world goes on: what is done now, the backup does not know.
    for job in &jobs[KNOWN..] {
        jobs::schedule(&user, job).await?;
    }
    everything.revoke(&addresses, &database, &user).await?;
    backup.put_erasures_aside().await?;
    backup.verify(project).await?;
    until_uploading(&addresses, &database, &jobs[KNOWN..]).await?;
    let before = created(&addresses.youtube, &jobs).await?;
    let lost_at = Timestamp::now();
    stack.destroy_database(options).await?;
    database.close().await;
    let known: usize = before.values().sum();
    println!("  destroyed   with {known} videos on YouTube");

    // Everything that a new project is: an empty database at an address.
    stack.new_database(options).await?;
    let (name, bytes) = (backup.name.clone(), backup.bytes);
    let recovered = backup.recover(project, stack, options, lost_at).await?;

    let database = stack.database().await?;
    let (refused_again, left) = finish(&addresses, &database, &user, &jobs[KNOWN..]).await?;
    let counts = Counts {
        jobs: jobs.len(),
        catalogue,
        catalogue_after: videos(&database).await?,
        before,
        after: created(&addresses.youtube, &jobs).await?,
        uploads_not_finished: left,
        refused_again,
        undone: everything.undone(&database, &user).await?,
        gaps,
    };
    database.close().await;
    let mut report = report::report(&counts, &recovered);
    report["backup"] = json!(name);
    report["archive_bytes"] = json!(bytes);
    Ok(report)
}

async fn videos(database: &PgPool) -> Result<i64> {
    value(database, "select count(*) from public.videos", ()).await
}

/// Uploads run, slowly; some end, and a backup can be taken while others go on.
async fn begin_uploads(
    addresses: &Addresses,
    database: &PgPool,
    user: &Client,
    jobs: &[Job],
) -> Result {
    let slow =
        json!({"operation": "upload.chunk", "when": "after", "delay_ms": PIECE_MS, "times": 0});
    controls::set(&addresses.youtube, "faults", slow).await?;
    for job in jobs {
        jobs::schedule(user, job).await?;
    }
    let done =
        "select count(*) >= 3 from public.scheduled_uploads where youtube_video_id is not null";
    let are_done = async || value(database, done, ()).await;
    until("three uploads are done", PATIENCE, POLL_EVERY, are_done).await
}

/// Waits until one of these jobs is on YouTube and another upload is under way.
async fn until_uploading(addresses: &Addresses, database: &PgPool, jobs: &[Job]) -> Result {
    let under_way = "select exists (select from public.scheduled_uploads where state = 'uploading' and bytes_sent between 1 and bytes_total - 1)";
    let is_uploading = async || {
        let created = created(&addresses.youtube, jobs).await?;
        Ok(!created.is_empty() && value(database, under_way, ()).await?)
    };
    until("an upload is under way", PATIENCE, POLL_EVERY, is_uploading).await
}

/// Carries everything to its end at full speed. Schedules the later jobs once more, as their user would; how many were
/// refused, and how many uploads are not done.
async fn finish(
    addresses: &Addresses,
    database: &PgPool,
    user: &Client,
    later: &[Job],
) -> Result<(usize, i64)> {
    controls::clear(&addresses.youtube, "faults").await?;
    let mut refused = 0;
    for job in later {
        refused += usize::from(jobs::schedule(user, job).await.is_err());
    }
    let open = "select count(*) from public.scheduled_uploads where state not in ('on_youtube', 'published')";
    let began = Instant::now();
    loop {
        let left = value(database, open, ()).await?;
        if left == 0 || began.elapsed() > PATIENCE {
            return Ok((refused, left));
        }
        // The searches for lost uploads are minutes apart.
        controls::set(&addresses.supabase, "clock", json!({"advance_seconds": 60})).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
