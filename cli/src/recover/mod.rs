//! `catalyst recover`: from a lost database back to a working service, and how much that cost.
//!
//! Without `--apply` it only looks: what still answers, which backup would be taken, whether its archive opens and is whole, and
//! what would be changed at Vercel and Cloudflare.

mod assess;
pub mod deployment;
mod integrity;
mod lost_changes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use self::deployment::{Cloudflare, Vercel, Wanted};
use crate::backup::{self, End, Identity, Plan, Store};
use crate::error::{Error, Result};
use crate::migrate;
use crate::project::{Project, read_dotenv};

/// How long the last piece of a dying worker may still be on its way to YouTube.
const LAST_PIECE: SignedDuration = SignedDuration::from_secs(150);
/// How long the API may take to find the new database.
const SERVING: Duration = Duration::from_secs(180);

/// `catalyst recover`.
#[derive(Debug, clap::Args)]
pub struct RecoverArgs {
    /// A folder, or s3://bucket/prefix, with the backups.
    #[arg(long, env = "BACKUP_STORE", value_name = "PLACE")]
    store: String,
    /// A file with the identities that open backups; otherwise BACKUP_IDENTITY.
    #[arg(long, env = "BACKUP_IDENTITY_FILE", value_name = "FILE")]
    identity_file: Option<PathBuf>,
    /// The backup's name; otherwise the newest verified one.
    #[arg(long, default_value = "verified", value_name = "NAME")]
    backup: String,
    /// The empty database of the new project, as the role postgres.
    #[arg(long, value_name = "URL")]
    into: String,
    /// The database that was lost, to see what it says.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// When it was lost, for the report; otherwise now.
    #[arg(long, value_name = "TIME")]
    lost_at: Option<Timestamp>,
    /// The deployment's variables for the new project (NAME=value lines), which Vercel's production environment gets.
    #[arg(long, value_name = "FILE")]
    new_env: Option<PathBuf>,
    /// Vercel's project (with VERCEL_TOKEN, and VERCEL_ORG_ID for a team).
    #[arg(long, env = "VERCEL_PROJECT_ID", value_name = "ID")]
    vercel_project: Option<String>,
    /// Cloudflare's zone (with CLOUDFLARE_API_TOKEN).
    #[arg(long, env = "CLOUDFLARE_ZONE_ID", value_name = "ID")]
    cloudflare_zone: Option<String>,
    /// A name and what it is to point at; may be given several times.
    #[arg(long, value_name = "NAME=CONTENT")]
    dns: Vec<String>,
    /// Do it. Without this nothing is changed anywhere.
    #[arg(long)]
    apply: bool,
    /// Where the report goes.
    #[arg(long, default_value = "recovery-report.json", value_name = "FILE")]
    report: PathBuf,
}

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

/// Runs the command; true when the service works again, or when nothing stands in the way of it.
///
/// # Errors
///
/// When the recovery cannot go on. The target is untouched unless the report says that it was restored.
pub async fn run(project: &Project, args: &RecoverArgs) -> Result<bool> {
    let settings = settings(project, args)?;
    let report = recover(project, &settings).await?;
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    std::fs::write(&args.report, text)
        .map_err(Error::io(format!("cannot write {}", args.report.display())))?;
    println!("  report      {}", args.report.display());
    if !args.apply {
        println!("  nothing was changed; the same command with --apply does it");
    }
    Ok(report["ok"] == true)
}

fn settings(project: &Project, args: &RecoverArgs) -> Result<Settings> {
    let login = |url: &str| -> Result<PgConnectOptions> {
        url.parse()
            .map_err(Error::database("the database's URL cannot be read"))
    };
    let new = args
        .new_env
        .as_deref()
        .map(read_dotenv)
        .transpose()?
        .unwrap_or_default();
    let mut variables = project.dotenv()?;
    variables.extend(std::env::vars().filter(|(_, value)| !value.is_empty()));
    variables.extend(new.clone());
    let secret = |name: &str| -> Result<SecretString> {
        variables
            .get(name)
            .map(|value| SecretString::from(value.as_str()))
            .ok_or_else(|| {
                Error::setup(format!("{name} is not set"), "put it into the environment")
            })
    };
    let url = |name: &str, usual: &str| {
        variables.get(name).map_or_else(
            || usual.to_owned(),
            |url| url.trim_end_matches('/').to_owned(),
        )
    };
    let vercel = match &args.vercel_project {
        Some(id) => Some(Vercel {
            url: url("VERCEL_API_URL", "https://api.vercel.com"),
            project: id.clone(),
            team: variables.get("VERCEL_ORG_ID").cloned(),
            token: secret("VERCEL_TOKEN")?,
        }),
        None => None,
    };
    let cloudflare = match &args.cloudflare_zone {
        Some(zone) => Some(Cloudflare {
            url: url("CLOUDFLARE_API_URL", "https://api.cloudflare.com"),
            zone: zone.clone(),
            token: secret("CLOUDFLARE_API_TOKEN")?,
        }),
        None => None,
    };
    let names = args
        .dns
        .iter()
        .map(|pair| {
            pair.split_once('=')
                .map(|(name, content)| (name.to_owned(), content.to_owned()))
                .ok_or_else(|| {
                    Error::setup(
                        format!("{pair} is not NAME=CONTENT"),
                        "for example api.example.com=cname.vercel-dns.com",
                    )
                })
        })
        .collect::<Result<_>>()?;
    Ok(Settings {
        store: Store::open(&args.store)?,
        identities: backup::identities(args.identity_file.as_deref())?,
        backup: args.backup.clone(),
        target: login(&args.into)?,
        lost: args.database_url.as_deref().map(login).transpose()?,
        lost_at: args.lost_at,
        variables,
        wanted: Wanted {
            vercel,
            variables: new,
            cloudflare,
            names,
        },
        apply: args.apply,
    })
}

/// One step after the other, each with its result and its time.
#[derive(Default)]
struct Steps(Vec<Value>);

impl Steps {
    fn note(&mut self, name: &str, began: Instant, ok: bool, result: Value) -> bool {
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        println!(
            "  {name:<11} {} ({ms} ms)",
            if ok { "done" } else { "NOT GOOD" }
        );
        self.0
            .push(json!({"name": name, "ok": ok, "ms": ms, "result": result}));
        ok
    }
}

/// Recovers, or says what a recovery would do.
///
/// # Errors
///
/// When it cannot go on.
pub async fn recover(project: &Project, settings: &Settings) -> Result<Value> {
    let began_at = Timestamp::now();
    let lost_at = settings.lost_at.unwrap_or(began_at);
    let mut steps = Steps::default();

    let began = Instant::now();
    let found = assess::assess(settings.lost.as_ref(), &settings.variables).await;
    steps.note("assess", began, true, found);

    let began = Instant::now();
    let (name, manifest) = settings.store.find(&settings.backup).await?;
    let archive = settings.store.fetch(&name, &manifest).await?;
    backup::examine(archive.path(), &manifest, &settings.identities)?;
    let taken_at = manifest.contents.taken_at;
    let loss = lost_at.duration_since(taken_at).as_secs_f64().max(0.0);
    steps.note(
        "pick",
        began,
        true,
        json!({"backup": name, "taken_at": taken_at, "rows": manifest.contents.rows, "schema": manifest.contents.schema_version}),
    );

    // What the restored service will need is asked for before anything is restored.
    let config = lost_changes::configuration(&settings.variables)?;
    let (Some(app_url), Some(cron_secret)) = (
        settings.variables.get("APP_URL"),
        settings.variables.get("CRON_SECRET"),
    ) else {
        return Err(Error::setup(
            "APP_URL or CRON_SECRET is not set",
            "the database wakes the dispatcher with both: give them with --new-env",
        ));
    };

    let began = Instant::now();
    let changes = deployment::plan(&settings.wanted).await?;
    for change in &changes {
        println!("              {change}");
    }
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    steps.note("plan", began, true, json!(told));
    if !settings.apply {
        return Ok(json!({
            "ok": true, "applied": false, "backup": name, "rpo_seconds": loss, "steps": steps.0,
        }));
    }

    let began = Instant::now();
    let migrations = project.migrations();
    let plan = Plan {
        manifest: &manifest,
        archive: archive.path(),
        identities: &settings.identities,
        migrations: &migrations,
        store: &settings.store,
    };
    let restored = backup::restore(&settings.target, &plan, End::Commit).await?;
    let rows = restored.rows;
    steps.note("restore", began, true, json!(restored));

    let mut connection = migrate::connect(&settings.target).await?;
    let began = Instant::now();
    keep_secret(&mut connection, "app_url", app_url).await?;
    keep_secret(&mut connection, "cron_secret", cron_secret).await?;
    let keys = settings
        .variables
        .get("TOKEN_ENCRYPTION_KEYS")
        .map(|keys| SecretString::from(keys.as_str()));
    let (sound, findings) =
        integrity::check(&mut connection, &manifest.contents, keys.as_ref()).await?;
    let mut ok = steps.note("integrity", began, sound, findings);

    let began = Instant::now();
    deployment::apply(&settings.wanted, &changes).await?;
    steps.note("point", began, true, json!(told));

    let began = Instant::now();
    let serving = serves(app_url).await;
    let woken = serving && wake(app_url, cron_secret).await;
    ok &= steps.note(
        "serve",
        began,
        woken,
        json!({"healthy": serving, "dispatcher_woken": woken}),
    );
    let time = Timestamp::now().duration_since(lost_at).as_secs_f64();

    let began = Instant::now();
    let mut missed = lost_changes::find(&mut connection, config, taken_at).await?;
    let quiet_at = lost_at + LAST_PIECE;
    let wait = quiet_at.duration_since(Timestamp::now());
    if settings.lost_at.is_some() && wait > SignedDuration::ZERO {
        tokio::time::sleep(wait.unsigned_abs()).await;
        let more = lost_changes::find(&mut connection, config, taken_at).await?;
        missed = more;
    }
    let seen = missed["channels_not_looked_at"]
        .as_array()
        .is_none_or(Vec::is_empty);
    steps.note("unclaimed", began, seen, missed.clone());
    drop(connection.close().await);
    println!("  {rows} rows compared; {loss:.1} s of changes lost, {time:.1} s without service");
    Ok(json!({
        "ok": ok, "applied": true, "backup": name, "taken_at": taken_at, "lost_at": lost_at,
        "rpo_seconds": loss, "rto_seconds": time, "rows_compared": rows, "mismatches": 0,
        "unclaimed": missed, "steps": steps.0,
    }))
}

async fn keep_secret(connection: &mut PgConnection, name: &str, value: &str) -> Result {
    sqlx::query(
        "select case when exists (select from vault.secrets where name = $1)
           then (select vault.update_secret(id, $2)::text from vault.secrets where name = $1)
           else vault.create_secret($2, $1)::text end",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database(format!(
        "cannot keep the secret {name} in Vault"
    )))
}

/// Waits until the API is well.
async fn serves(app_url: &str) -> bool {
    let Ok(client) = clients::tls::client_builder()
        .timeout(Duration::from_secs(10))
        .build()
    else {
        return false;
    };
    let until = Instant::now() + SERVING;
    while Instant::now() < until {
        let answer = client.get(format!("{app_url}/api/health")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return true;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    false
}

async fn wake(app_url: &str, secret: &str) -> bool {
    let Ok(client) = clients::tls::client_builder()
        .timeout(Duration::from_secs(20))
        .build()
    else {
        return false;
    };
    client
        .post(format!("{app_url}/api/cron/dispatch"))
        .bearer_auth(secret)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}
