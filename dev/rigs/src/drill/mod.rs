//! `catalyst-dev drill`: the local stack's database is destroyed in the middle of uploads and brought back, end to end.
//!
//! Scripts are rendered, some uploads are scheduled, and a backup is taken and verified while they run. Then more are
//! scheduled, whose very existence the backup does not know. While pieces are on their way the server is killed and its data
//! removed. An empty server takes its place, `recover` does its work, and everything is carried to its end. What happened
//! is read from the stand-in of YouTube: how many videos each job has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use catalyst_cli::backup::{self, Identity, Store};
use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use catalyst_cli::recover::{self, Settings, deployment::Wanted};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use stack::demo::client::{Addresses, Client, http};
use stack::demo::{self, DemoError};
use stack::{Options, Stack};
use uuid::Uuid;

use crate::rig::{self, Ground};

const SCHEMA: &str = include_str!("drill.sql");
/// Channels that the jobs are spread over.
const CHANNELS: usize = 4;
/// Jobs that the backup knows, and jobs that are scheduled after it.
const KNOWN: usize = 12;
const LATER: usize = 4;
/// A file: three whole pieces and a rest.
const FILE_BYTES: u32 = 900_000;
/// How long YouTube takes for a piece while uploads are to be caught in the middle.
const PIECE_MS: u32 = 2_500;
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// How to drill.
#[derive(Clone, Debug, clap::Args)]
pub struct DrillArgs {
    /// Uploads of a real channel: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    pub catalog: Option<PathBuf>,
    /// Use the functions of the release build.
    #[arg(long)]
    pub release: bool,
}

/// One video that there must be once.
struct Job {
    title: String,
    render: String,
    upload: Option<String>,
}

/// Runs the drill and writes `drill/report.json` into Cargo's target folder. True when nothing was lost but what came after the
/// backup, nothing differs, and nothing was uploaded twice.
///
/// # Errors
///
/// When the stack does not start, or the recovery cannot go on.
pub async fn run(project: &Project, args: &DrillArgs) -> Result<bool> {
    let catalog = match &args.catalog {
        Some(path) => Some(path.canonicalize().map_err(Error::io(format!(
            "cannot read the catalogue {}",
            path.display()
        )))?),
        None => None,
    };
    let ground = Ground::new(
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
    let mut stack = ground.start(project).await?;
    let place = ground.reports().join("backups");
    drop(std::fs::remove_dir_all(&place));
    let awake = tokio::spawn(keep_awake(
        stack
            .environment()
            .get("APP_URL")
            .cloned()
            .unwrap_or_default(),
        stack
            .environment()
            .get("CRON_SECRET")
            .cloned()
            .unwrap_or_default(),
    ));
    let report = Box::pin(drill(
        project,
        &mut stack,
        &ground.options,
        catalog.as_deref(),
        &place,
    ))
    .await;
    awake.abort();
    let reports = ground.close(stack, "logs", false).await;
    let report = report?;
    println!(
        "  verdict     {}: {} s of changes lost, {} s without service, {} rows compared, {} mismatches, {} uploads twice",
        if report["ok"] == true {
            "good"
        } else {
            "NOT GOOD"
        },
        report["rpo_seconds"],
        report["rto_seconds"],
        report["rows_compared"],
        report["mismatches"],
        report["uploads_duplicated"]
    );
    reports.write("report.json", &report)?;
    Ok(report["ok"] == true)
}

async fn drill(
    project: &Project,
    stack: &mut Stack,
    options: &Options,
    catalog: Option<&Path>,
    place: &Path,
) -> Result<Value> {
    let addresses = demo::addresses(stack);
    let database = connect(stack).await?;
    let (user, channels) = prepare(&addresses, catalog)
        .await
        .map_err(|error| Error::setup(error.to_string(), "see the logs under drill/logs"))?;
    let mut jobs = render(&database, &channels).await?;
    let videos: i64 = number(&database, "select count(*) from public.videos").await?;
    println!(
        "  before      {videos} videos, {} rendered jobs",
        jobs.len()
    );

    // Uploads run, slowly; some end, and a backup is taken while others go on.
    outside(
        &addresses.youtube,
        "faults",
        json!([
            {"operation": "upload.chunk", "when": "after", "delay_ms": PIECE_MS, "times": 0},
        ]),
    )
    .await?;
    for job in &mut jobs[..KNOWN] {
        job.upload = Some(schedule(&user, job).await?);
    }
    wait(
        &database,
        "three uploads are done",
        "select count(*) from public.scheduled_uploads where youtube_video_id is not null",
        3,
    )
    .await?;
    let identity = Identity::generate().map_err(Error::io("cannot make a key"))?;
    let recipient = identity
        .recipient()
        .map_err(Error::io("cannot make a key"))?;
    let store = || Store::open(&place.display().to_string());
    let login = database_login(stack)?;
    let manifest = backup::create(&login, &store()?, &[recipient]).await?;
    println!(
        "  backup      {} rows in {}",
        manifest.contents.rows,
        manifest.name()
    );
    for job in &mut jobs[KNOWN..] {
        job.upload = Some(schedule(&user, job).await?);
    }
    let identities = [identity];
    backup::verify(
        project,
        &store()?,
        "latest",
        &identities,
        None,
        Some(&login),
    )
    .await?;
    println!("  backup      verified by a restore");

    // The world goes on: what is done now, the backup does not know.
    let began = Instant::now();
    loop {
        let later = created(&addresses.youtube, &jobs[KNOWN..]).await?;
        let sending = number(&database, "select count(*) from public.scheduled_uploads where state = 'uploading' and bytes_sent between 1 and bytes_total - 1").await?;
        if later.values().sum::<usize>() >= 1 && sending >= 1 {
            break;
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "no upload was under way",
                "see the logs under drill/logs",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
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
    let settings = Settings {
        store: store()?,
        identities: identities.to_vec(),
        backup: "verified".to_owned(),
        target: login,
        lost: None,
        lost_at: Some(lost_at),
        variables: stack.environment().clone(),
        wanted: Wanted::default(),
        apply: true,
    };
    let (recovered, reopened) =
        tokio::join!(recover::recover(project, &settings), reopen(stack, options));
    reopened?;
    let recovered = recovered?;

    // To the end: whatever can be finished is, at full speed.
    outside_delete(&addresses.youtube, "faults").await?;
    let database = connect(stack).await?;
    let supabase = addresses.supabase.clone();
    let mut again = Vec::new();
    for job in &mut jobs[KNOWN..] {
        match schedule(&user, job).await {
            Ok(upload) => job.upload = Some(upload),
            Err(_) => again.push(job.title.clone()),
        }
    }
    let began = Instant::now();
    let open = "select count(*) from public.scheduled_uploads where state not in ('on_youtube', 'published')";
    while number(&database, open).await? > 0 && began.elapsed() < PATIENCE {
        // The looks for lost uploads are minutes apart.
        outside(&supabase, "clock", json!({"advance_seconds": 60})).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let left = number(&database, open).await?;
    let after = created(&addresses.youtube, &jobs).await?;
    let twice: usize = after.values().map(|count| count.saturating_sub(1)).sum();
    let missing = jobs
        .iter()
        .filter(|job| !after.contains_key(&job.title))
        .count();
    let unclaimed = recovered["unclaimed"]["videos"]
        .as_array()
        .map_or(0, Vec::len);
    let held: i64 = number(&database, "select count(*) from public.videos").await?;
    database.close().await;
    let ok = recovered["ok"] == true
        && twice == 0
        && missing == 0
        && left == 0
        && held == videos
        && again.len() == unclaimed
        && recovered["rto_seconds"]
            .as_f64()
            .is_some_and(|seconds| seconds <= 300.0);
    let rounded = |name: &str| (recovered[name].as_f64().unwrap_or(f64::MAX) * 10.0).round() / 10.0;
    Ok(json!({
        "ok": ok,
        "rpo_seconds": rounded("rpo_seconds"),
        "rto_seconds": rounded("rto_seconds"),
        "rows_compared": recovered["rows_compared"],
        "mismatches": recovered["mismatches"],
        "uploads_duplicated": twice,
        "catalog_videos": videos,
        "jobs": jobs.len(),
        "videos_when_destroyed": before.values().sum::<usize>(),
        "videos_at_the_end": after.values().sum::<usize>(),
        "jobs_without_video": missing,
        "uploads_not_finished": left,
        "schedules_lost_but_on_youtube": unclaimed,
        "of_those_refused_when_scheduled_again": again.len(),
        "backup": manifest.name(),
        "archive_bytes": manifest.archive.bytes,
        "recovery": recovered,
    }))
}

/// The Data API needs the restored schema; until it is there this is tried again.
async fn reopen(stack: &Stack, options: &Options) -> Result {
    let began = Instant::now();
    loop {
        let ready = async {
            let database = connect(stack).await?;
            let ready = number(
                &database,
                "select count(*) from pg_class where oid = to_regclass('private.restores')",
            )
            .await;
            database.close().await;
            ready
        };
        if ready.await.is_ok_and(|count| count == 1) {
            return stack.reopen(options).await;
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "nothing was restored",
                "see the report of the recovery",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A user with a channel that has the catalogue, and channels for the jobs.
async fn prepare(
    addresses: &Addresses,
    catalog: Option<&Path>,
) -> std::result::Result<(Client, Vec<Uuid>), DemoError> {
    let wrong = |error: Error| DemoError::new("a stand-in refused", error.to_string());
    outside(
        &addresses.youtube,
        "knobs",
        json!({"quota_units": 1_000_000_000, "quota_uploads": 1_000_000, "processing_polls": 1}),
    )
    .await
    .map_err(wrong)?;
    outside(
        &addresses.revid,
        "knobs",
        json!({"file_bytes": FILE_BYTES, "ready_after_real_ms": 500}),
    )
    .await
    .map_err(wrong)?;
    let user = Client::sign_up(
        addresses,
        &format!("{}@example.org", Uuid::new_v4().simple()),
    )
    .await?;
    let mut channels = Vec::new();
    for number in 0..=CHANNELS {
        let account = format!("drill-{number}");
        let channel = match (number, catalog) {
            (0, Some(catalog)) => json!({"title": "Drill", "catalog": catalog}),
            (0, None) => json!({"title": "Drill", "generated": {"videos": 240, "seed": 7}}),
            _ => json!({"title": format!("Channel {number}"), "rows": []}),
        };
        outside(
            &addresses.google,
            "accounts",
            json!({"account": account, "channel": channel}),
        )
        .await
        .map_err(wrong)?;
        let started = user
            .post("/api/channels/connect", json!({"login_hint": account}))
            .await?;
        user.consent(started["authorization_url"].as_str().unwrap_or_default())
            .await?;
    }
    let began = Instant::now();
    loop {
        let listed = user.get("/api/channels").await?;
        let items = listed["items"].as_array().cloned().unwrap_or_default();
        if items.len() == CHANNELS + 1
            && items
                .iter()
                .all(|channel| channel["sync"]["state"] == "idle")
        {
            for channel in items {
                if channel["title"] != "Drill" {
                    channels.extend(
                        channel["id"]
                            .as_str()
                            .and_then(|id| id.parse::<Uuid>().ok()),
                    );
                }
            }
            return Ok((user, channels));
        }
        if began.elapsed() > PATIENCE {
            return Err(DemoError::new(
                "the channels were not synchronised",
                listed.to_string(),
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Has every job rendered.
async fn render(database: &PgPool, channels: &[Uuid]) -> Result<Vec<Job>> {
    let failed = || Error::database("cannot make the jobs");
    let request = rig::video_request();
    sqlx::raw_sql(SCHEMA)
        .execute(database)
        .await
        .map_err(failed())?;
    sqlx::query(
        "select drill.render((select user_id from public.channel_members limit 1), $1, $2, $3)",
    )
    .bind(channels)
    .bind(i32::try_from(KNOWN + LATER).unwrap_or(i32::MAX))
    .bind(sqlx::types::Json(request))
    .execute(database)
    .await
    .map_err(failed())?;
    let ready = "select count(*) from public.renders where state = 'ready'";
    wait(database, "every job is rendered", ready, KNOWN + LATER).await?;
    let found: Vec<(i32, Uuid)> = sqlx::query_as("select n, render_id from drill.jobs order by n")
        .fetch_all(database)
        .await
        .map_err(failed())?;
    Ok(found
        .into_iter()
        .map(|(n, render)| Job {
            title: format!("drill job {n:03}"),
            render: render.to_string(),
            upload: None,
        })
        .collect())
}

async fn schedule(user: &Client, job: &Job) -> Result<String> {
    let minutes: i64 = job
        .title
        .rsplit(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let at = Timestamp::now()
        + jiff::SignedDuration::from_hours(72)
        + jiff::SignedDuration::from_mins(5 * minutes);
    let body = json!({
        "render_id": job.render, "title": job.title, "publish_at": format!("{at:.0}"), "made_for_kids": false, "altered_content": true,
    });
    let upload = user
        .post("/api/schedule", body)
        .await
        .map_err(|error| Error::setup(error.to_string(), "see the logs under drill/logs"))?;
    Ok(upload["id"].as_str().unwrap_or_default().to_owned())
}

/// How many videos YouTube has for each of these jobs; none is left out.
async fn created(youtube: &str, jobs: &[Job]) -> Result<BTreeMap<String, usize>> {
    let failed = |error: String| Error::setup(error, "see the logs under drill/logs");
    let state: Value = http()
        .map_err(|error| failed(error.to_string()))?
        .get(format!("{youtube}/_state"))
        .send()
        .await
        .map_err(|error| failed(error.to_string()))?
        .json()
        .await
        .map_err(|error| failed(error.to_string()))?;
    let mut count = BTreeMap::new();
    for video in state["videos_created"].as_array().into_iter().flatten() {
        if let Some(job) = jobs.iter().find(|job| video["title"] == job.title.as_str()) {
            *count.entry(job.title.clone()).or_default() += 1;
        }
    }
    Ok(count)
}

async fn wait(database: &PgPool, what: &str, sql: &'static str, wanted: usize) -> Result {
    let began = Instant::now();
    while number(database, sql).await? < i64::try_from(wanted).unwrap_or(i64::MAX) {
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                format!("in vain waited until {what}"),
                "see the logs under drill/logs",
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn number(database: &PgPool, sql: &'static str) -> Result<i64> {
    sqlx::query_scalar(sql)
        .fetch_one(database)
        .await
        .map_err(Error::database("cannot look at the database"))
}

async fn connect(stack: &Stack) -> Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(database_login(stack)?)
        .await
        .map_err(Error::database("cannot connect to the stack's database"))
}

fn database_login(stack: &Stack) -> Result<sqlx::postgres::PgConnectOptions> {
    stack
        .environment()
        .get("DATABASE_URL")
        .cloned()
        .unwrap_or_default()
        .parse()
        .map_err(Error::database("the stack has no database"))
}

async fn outside(url: &str, what: &str, body: Value) -> Result {
    told(
        http()
            .map_err(|error| Error::setup(error.to_string(), "this is a fault of the tool"))?
            .post(format!("{url}/_control/{what}"))
            .json(&body),
    )
    .await
}

async fn outside_delete(url: &str, what: &str) -> Result {
    told(
        http()
            .map_err(|error| Error::setup(error.to_string(), "this is a fault of the tool"))?
            .delete(format!("{url}/_control/{what}")),
    )
    .await
}

async fn told(request: reqwest::RequestBuilder) -> Result {
    let failed = |error: String| Error::setup(error, "see the logs under drill/logs");
    let answer = request
        .send()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(failed(answer.text().await.unwrap_or_default()))
}

/// Wakes the dispatcher again and again, as many requests would.
async fn keep_awake(app_url: String, secret: String) {
    let Ok(client) = clients::tls::client_builder()
        .timeout(Duration::from_secs(5))
        .build()
    else {
        return;
    };
    loop {
        drop(
            client
                .post(format!("{app_url}/api/cron/dispatch"))
                .bearer_auth(&secret)
                .send()
                .await,
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
