//! The recovery, step by step.

use jiff::{SignedDuration, Timestamp};
use platform::config::Config;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tempfile::NamedTempFile;

use super::deployment::{self, Change};
use super::report::Report;
use super::settings::Settings;
use super::{assess, integrity, lost_changes, service};
use crate::backup::{self, End, Manifest, Plan};
use crate::error::Result;
use crate::migrate;
use crate::project::Project;

/// How long the last piece of a dying worker may still be on its way to YouTube.
const LAST_PIECE: SignedDuration = SignedDuration::from_secs(150);

/// Recovers, or says what a recovery would do.
///
/// # Errors
///
/// When it cannot go on.
pub async fn recover(project: &Project, settings: &Settings) -> Result<Value> {
    let lost_at = settings.lost_at.unwrap_or_else(Timestamp::now);
    let mut report = Report::new();
    let found = assess::assess(settings).await;
    report.note("assess", true, found);

    let backup = Backup::pick(settings, &mut report).await?;
    // What the restored service will need is asked for before anything is restored.
    let config = lost_changes::configuration(&settings.variables)?;
    let dispatcher = settings.dispatcher()?;
    let changes = deployment::plan(&settings.wanted).await?;
    for change in &changes {
        println!("              {change}");
    }
    report.note("plan", true, sentences(&changes));
    let loss = lost_at.duration_since(backup.taken_at());
    let loss = loss.as_secs_f64().max(0.0);
    if !settings.apply {
        return Ok(json!({
            "ok": true, "applied": false, "backup": backup.name, "rpo_seconds": loss, "steps": report.steps(),
        }));
    }

    let rows = backup.restore(project, settings, &mut report).await?;
    let mut connection = migrate::connect(&settings.target).await?;
    service::keep_secrets(&mut connection, dispatcher.0, dispatcher.1).await?;
    check(&mut connection, settings, &backup, &mut report).await?;
    deployment::apply(&settings.wanted, &changes).await?;
    report.note("point", true, sentences(&changes));
    serve(dispatcher, &mut report).await;
    let time = Timestamp::now().duration_since(lost_at).as_secs_f64();
    // The service works, whatever uploads are found.
    let ok = report.is_ok();
    let missed = missed(&mut connection, config, settings, backup.taken_at()).await?;
    let seen = missed["channels_not_looked_at"].as_array();
    report.note("unclaimed", seen.is_none_or(Vec::is_empty), missed.clone());
    drop(connection.close().await);
    println!("  {rows} rows compared; {loss:.1} s of changes lost, {time:.1} s without service");
    Ok(json!({
        "ok": ok, "applied": true, "backup": backup.name, "taken_at": backup.taken_at(), "lost_at": lost_at,
        "rpo_seconds": loss, "rto_seconds": time, "rows_compared": rows, "mismatches": 0,
        "unclaimed": missed, "steps": report.steps(),
    }))
}

fn sentences(changes: &[Change]) -> Value {
    changes.iter().map(ToString::to_string).collect()
}

/// The backup that is restored.
struct Backup {
    name: String,
    manifest: Manifest,
    archive: NamedTempFile,
}

impl Backup {
    /// Fetches it, and shows that it opens and is whole.
    async fn pick(settings: &Settings, report: &mut Report) -> Result<Self> {
        let (name, manifest) = settings.store.find(&settings.backup).await?;
        let archive = settings.store.fetch(&name, &manifest).await?;
        backup::examine(archive.path(), &manifest, &settings.identities)?;
        let contents = &manifest.contents;
        report.note(
            "pick",
            true,
            json!({"backup": name, "taken_at": contents.taken_at, "rows": contents.rows, "schema": contents.schema_version}),
        );
        Ok(Self {
            name,
            manifest,
            archive,
        })
    }

    fn taken_at(&self) -> Timestamp {
        self.manifest.contents.taken_at
    }

    /// Restores it into the target; answers with the rows that were compared.
    async fn restore(
        &self,
        project: &Project,
        settings: &Settings,
        report: &mut Report,
    ) -> Result<u64> {
        let migrations = project.migrations();
        let plan = Plan {
            manifest: &self.manifest,
            archive: self.archive.path(),
            identities: &settings.identities,
            migrations: &migrations,
            store: &settings.store,
        };
        let restored = backup::restore(&settings.target, &plan, End::Commit).await?;
        report.note("restore", true, json!(restored));
        Ok(restored.rows)
    }
}

/// Whether what was restored is fit to be worked on.
async fn check(
    connection: &mut PgConnection,
    settings: &Settings,
    backup: &Backup,
    report: &mut Report,
) -> Result {
    let keys = settings.variable("TOKEN_ENCRYPTION_KEYS");
    let keys = keys.map(SecretString::from);
    let contents = &backup.manifest.contents;
    let (ok, findings) = integrity::check(connection, contents, keys.as_ref()).await?;
    report.note("integrity", ok, findings);
    Ok(())
}

/// Waits until the service works, and wakes its dispatcher.
async fn serve((app_url, cron_secret): (&str, &str), report: &mut Report) {
    let healthy = service::wait_until_healthy(app_url).await;
    let woken = healthy && service::wake_dispatcher(app_url, cron_secret).await;
    let result = json!({"healthy": healthy, "dispatcher_woken": woken});
    report.note("serve", woken, result);
}

/// Looks for uploads whose schedule was lost, and once more when no piece can be on its way any more.
async fn missed(
    connection: &mut PgConnection,
    config: &'static Config,
    settings: &Settings,
    since: Timestamp,
) -> Result<Value> {
    let missed = lost_changes::find(connection, config, since).await?;
    let Some(lost_at) = settings.lost_at else {
        return Ok(missed);
    };
    let wait = (lost_at + LAST_PIECE).duration_since(Timestamp::now());
    if wait <= SignedDuration::ZERO {
        return Ok(missed);
    }
    tokio::time::sleep(wait.unsigned_abs()).await;
    lost_changes::find(connection, config, since).await
}
