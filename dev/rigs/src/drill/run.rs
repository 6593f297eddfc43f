//! The drill from the start of its stack to its report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::Client;
use stack::{Addresses, Options, Stack, controls, keep_awake};

use super::backup::Backup;
use super::database::{PATIENCE, POLL_EVERY, number, wait};
use super::jobs::{self, Job, KNOWN, created};
use super::report::{self, Counts};
use super::setup;
use crate::environment::Environment;

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
    let environment = Environment::new(
        project,
        "drill",
        args.release,
        &[
            ("PIPELINE_LEASE_SECONDS", "5"),
            ("UPLOAD_PIECE_BYTES", "262144"),
            ("ENABLE_RATE_LIMITING", "false"),
            ("LOG_LEVEL", "warn"),
        ],
    )?;
    let backups = environment.reports().path("backups");
    drop(std::fs::remove_dir_all(&backups));
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let awake = tokio::spawn(keep_awake(stack.environment().clone(), WAKE_EVERY));
        let options = &environment.options;
        let report = drill(project, stack, options, catalog.as_deref(), &backups).await;
        awake.abort();
        report
    };
    let (report, reports) = Box::pin(environment.run(project, "logs", false, rig)).await?;
    report::summary(&report);
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
    let (user, channels) = setup::prepare(&addresses, catalog).await?;
    let jobs = jobs::render(&database, &channels).await?;
    let catalogue = videos(&database).await?;
    println!(
        "  before      {catalogue} videos, {} rendered jobs",
        jobs.len()
    );

    begin_uploads(&addresses, &database, &user, &jobs[..KNOWN]).await?;
    let backup = Backup::take(stack, backups).await?;
    // The world goes on: what is done now, the backup does not know.
    for job in &jobs[KNOWN..] {
        jobs::schedule(&user, job).await?;
    }
    backup.verify(project).await?;
    until_uploading(&addresses, &database, &jobs[KNOWN..]).await?;
    let before = created(&addresses.youtube, &jobs).await?;
    let lost_at = Timestamp::now();
    stack.destroy_database(options).await?;
    database.close().await;
    println!(
        "  destroyed   with {} videos on YouTube",
        before.values().sum::<usize>()
    );

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
    };
    database.close().await;
    let mut report = report::report(&counts, &recovered);
    report["backup"] = json!(name);
    report["archive_bytes"] = json!(bytes);
    Ok(report)
}

async fn videos(database: &PgPool) -> Result<i64> {
    number(database, "select count(*) from public.videos").await
}

/// Uploads run, slowly; some end, and a backup can be taken while others go on.
async fn begin_uploads(
    addresses: &Addresses,
    database: &PgPool,
    user: &Client,
    jobs: &[Job],
) -> Result {
    let slow = json!([
        {"operation": "upload.chunk", "when": "after", "delay_ms": PIECE_MS, "times": 0},
    ]);
    controls::set(&addresses.youtube, "faults", slow).await?;
    for job in jobs {
        jobs::schedule(user, job).await?;
    }
    let done = "select count(*) from public.scheduled_uploads where youtube_video_id is not null";
    wait(database, "three uploads are done", done, 3).await
}

/// Waits until one of these jobs is on YouTube and another upload is under way.
async fn until_uploading(addresses: &Addresses, database: &PgPool, jobs: &[Job]) -> Result {
    let under_way = "select count(*) from public.scheduled_uploads where state = 'uploading' and bytes_sent between 1 and bytes_total - 1";
    let began = Instant::now();
    loop {
        let created = created(&addresses.youtube, jobs).await?;
        if !created.is_empty() && number(database, under_way).await? >= 1 {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "no upload was under way",
                "see the logs under drill/logs",
            ));
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
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
    while number(database, open).await? > 0 && began.elapsed() < PATIENCE {
        // The searches for lost uploads are minutes apart.
        controls::set(&addresses.supabase, "clock", json!({"advance_seconds": 60})).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    Ok((refused, number(database, open).await?))
}
