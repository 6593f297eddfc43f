//! The recovery, step by step.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use platform::config::Config;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tempfile::NamedTempFile;

use super::deployment::{self, Wanted};
use super::service::{self, milliseconds};
use super::{integrity, unclaimed};
use crate::backup::{self, End, Identity, Manifest, Plan, Store};
use crate::postgres::connection::connect;
use crate::{Error, Result, project::Project};

/// How long the last piece of a dying worker may still be on its way to YouTube.
const LAST_PIECE: SignedDuration = SignedDuration::from_secs(150);

/// Everything a recovery needs to know.
#[derive(Debug)]
pub struct Settings {
    /// Where the backups are.
    pub store: Store,
    /// Who opens them.
    pub identities: Vec<Identity>,
    /// Which one.
    pub backup: String,
    /// The empty database.
    pub target: PgConnectOptions,
    /// The lost one.
    pub lost: Option<PgConnectOptions>,
    /// When it was lost.
    pub lost_at: Option<Timestamp>,
    /// The deployment's variables, those of the new project included.
    pub variables: BTreeMap<String, String>,
    /// What is to point at the new project.
    pub wanted: Wanted,
    /// Whether to do it.
    pub apply: bool,
}

impl Settings {
    /// A variable of the deployment.
    fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Where the dispatcher is, and the secret that wakes it.
    fn dispatcher(&self) -> Result<(&str, &str)> {
        let both = self.variable("APP_URL").zip(self.variable("CRON_SECRET"));
        both.ok_or_else(|| {
            Error::setup(
                "APP_URL or CRON_SECRET is not set",
                "the database wakes the dispatcher with both: give them with --new-env",
            )
        })
    }

    /// The deployment's configuration, as its functions would read it.
    fn configuration(&self) -> Result<&'static Config> {
        let config = Config::read(&|name| self.variables.get(name).cloned());
        config.map(|config| &*Box::leak(Box::new(config))).map_err(|error| {
            Error::setup(
                format!("the deployment's configuration is not complete: {error}"),
                "give the variables of the new project with --new-env; .env.example explains each",
            )
        })
    }
}

/// The steps that were done, one after the other, each with its result and its time.
struct Report {
    steps: Vec<Value>,
    began: Instant,
    ok: bool,
}

impl Report {
    /// Notes the end of a step; the next one begins now.
    fn note(&mut self, name: &str, ok: bool, result: Value) {
        let ms = milliseconds(self.began);
        let said = if ok { "done" } else { "NOT GOOD" };
        println!("  {name:<11} {said} ({ms} ms)");
        self.steps
            .push(json!({"name": name, "ok": ok, "ms": ms, "result": result}));
        self.ok &= ok;
        self.began = Instant::now();
    }
}

/// Recovers, or says what a recovery would do.
///
/// # Errors
///
/// When it cannot go on.
pub async fn recover(project: &Project, settings: &Settings) -> Result<Value> {
    let lost_at = settings.lost_at.unwrap_or_else(Timestamp::now);
    let mut report = Report {
        steps: Vec::new(),
        began: Instant::now(),
        ok: true,
    };
    let found = service::assess(&settings.variables, settings.lost.as_ref()).await;
    report.note("assess", true, found);

    let (name, manifest, archive) = pick(settings, &mut report).await?;
    let taken_at = manifest.contents.taken_at;
    // What the restored service will need is asked for before anything is restored.
    let config = settings.configuration()?;
    let (app_url, cron_secret) = settings.dispatcher()?;
    let changes = deployment::plan(&settings.wanted).await?;
    for change in &changes {
        println!("              {change}");
    }
    let planned: Value = changes.iter().map(ToString::to_string).collect();
    report.note("plan", true, planned.clone());
    let loss = lost_at.duration_since(taken_at).as_secs_f64().max(0.0);
    if !settings.apply {
        return Ok(json!({
            "ok": true, "applied": false, "backup": name, "rpo_seconds": loss, "steps": report.steps,
        }));
    }

    let plan = Plan {
        manifest: &manifest,
        archive: archive.path(),
        identities: &settings.identities,
        migrations: &project.migrations(),
        store: &settings.store,
    };
    let restored = backup::restore(&settings.target, &plan, End::Commit).await?;
    let rows = restored.rows;
    report.note("restore", true, json!(restored));
    let mut connection = connect(&settings.target).await?;
    service::keep_secrets(&mut connection, app_url, cron_secret).await?;
    let keys = settings.variable("TOKEN_ENCRYPTION_KEYS").map(Into::into);
    let (ok, findings) = integrity::check(&mut connection, &manifest.contents, keys).await?;
    report.note("integrity", ok, findings);
    deployment::apply(&settings.wanted, &changes).await?;
    report.note("point", true, planned);
    // Waits until the service works, and wakes its dispatcher.
    let healthy = service::wait_until_healthy(app_url).await;
    let woken = healthy && service::wake_dispatcher(app_url, cron_secret).await;
    report.note(
        "serve",
        woken,
        json!({"healthy": healthy, "dispatcher_woken": woken}),
    );
    let time = Timestamp::now().duration_since(lost_at).as_secs_f64();
    // The service works, whatever uploads are found.
    let ok = report.ok;
    let missed = missed(&mut connection, config, settings.lost_at, taken_at).await?;
    let seen = missed["channels_not_looked_at"].as_array();
    report.note("unclaimed", seen.is_none_or(Vec::is_empty), missed.clone());
    drop(connection.close().await);
    println!("  {rows} rows compared; {loss:.1} s of changes lost, {time:.1} s without service");
    Ok(json!({
        "ok": ok, "applied": true, "backup": name, "taken_at": taken_at, "lost_at": lost_at,
        "rpo_seconds": loss, "rto_seconds": time, "rows_compared": rows, "mismatches": 0,
        "unclaimed": missed, "steps": report.steps,
    }))
}

/// Fetches the backup that is restored, and shows that it opens and is whole.
async fn pick(
    settings: &Settings,
    report: &mut Report,
) -> Result<(String, Manifest, NamedTempFile)> {
    let (name, manifest) = settings.store.find(&settings.backup).await?;
    let archive = settings.store.fetch(&name, &manifest).await?;
    backup::examine(archive.path(), &manifest, &settings.identities)?;
    let contents = &manifest.contents;
    let result = json!({
        "backup": name, "taken_at": contents.taken_at, "rows": contents.rows, "schema": contents.schema_version,
    });
    report.note("pick", true, result);
    Ok((name, manifest, archive))
}

/// Looks for uploads whose schedule was lost, and once more when no piece can be on its way any more.
async fn missed(
    connection: &mut PgConnection,
    config: &'static Config,
    lost_at: Option<Timestamp>,
    since: Timestamp,
) -> Result<Value> {
    let missed = unclaimed::find(connection, config, since).await?;
    let quiet = lost_at.map(|lost_at| (lost_at + LAST_PIECE).duration_since(Timestamp::now()));
    let Some(wait) = quiet.filter(|wait| *wait > SignedDuration::ZERO) else {
        return Ok(missed);
    };
    tokio::time::sleep(wait.unsigned_abs()).await;
    unclaimed::find(connection, config, since).await
}
