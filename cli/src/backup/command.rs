//! The commands of a person, or of the nightly workflow.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use super::restore::{End, Plan};
use super::sealed::{Identity, Recipient};
use super::store::{Entry, Store, items};
use super::{create, restore, retention, snapshot, verify};
use crate::error::{Error, Result};
use crate::migrate;
use crate::project::Project;

/// `catalyst backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Back a database up: one snapshot, sealed for a recipient.
    Create(Create),
    /// Restore a backup into an empty scratch database, compare it hash by hash, and throw it away.
    Verify(Verify),
    /// Say which backups there are, and which were verified.
    List(Where),
    /// Restore a backup into an empty database.
    Restore(Restore),
    /// Remove what is older than 7 daily, 4 weekly and 12 monthly backups.
    Prune(Prune),
    /// Make a key pair: the identity, which opens backups, on standard output.
    Keygen,
}

#[derive(Debug, Args)]
struct Where {
    /// A folder, or s3://bucket/prefix (with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3).
    #[arg(long, env = "BACKUP_STORE", value_name = "PLACE")]
    store: String,
}

#[derive(Debug, Args)]
struct Keys {
    /// A file with the identities that open backups, one a line.
    #[arg(long, env = "BACKUP_IDENTITY_FILE", value_name = "FILE")]
    identity_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    place: Where,
    /// Whose identity opens the backup (age1…); may be given several times.
    #[arg(
        long,
        env = "BACKUP_RECIPIENT",
        value_delimiter = ',',
        required = true,
        value_name = "KEY"
    )]
    recipient: Vec<String>,
    /// The database: a direct connection or the session pooler, as the role postgres.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    keys: Keys,
    /// The backup's name, or `latest`.
    #[arg(default_value = "latest")]
    name: String,
    /// The database that was backed up, which learns the result; it is not read.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// An empty database to restore into; nothing stays in it. Without it a server is started here and thrown away.
    #[arg(long, value_name = "URL")]
    scratch_url: Option<String>,
}

#[derive(Debug, Args)]
struct Restore {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    keys: Keys,
    /// The backup's name, `latest`, or `verified`: the newest verified one.
    #[arg(default_value = "verified")]
    name: String,
    /// The empty database to restore into: that of a new project.
    #[arg(long, value_name = "URL")]
    into: String,
}

#[derive(Debug, Args)]
struct Prune {
    #[command(flatten)]
    place: Where,
    /// Only say what would be removed.
    #[arg(long)]
    dry_run: bool,
    /// The database that was backed up, which learns what is gone.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
}

/// Runs a command.
///
/// # Errors
///
/// When it could not be done; nothing is half done.
pub async fn run(args: BackupArgs) -> Result {
    match args.action {
        Action::Create(options) => create_one(&options).await,
        Action::Verify(options) => verify_one(&options).await,
        Action::List(place) => list(&Store::open(&place.store)?).await,
        Action::Restore(options) => restore_one(&options).await,
        Action::Prune(options) => prune(&options).await,
        Action::Keygen => keygen(),
    }
}

async fn create_one(options: &Create) -> Result {
    let recipients = options
        .recipient
        .iter()
        .map(|key| Recipient::parse(key))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let store = Store::open(&options.place.store)?;
    let manifest = create::create(&login(&options.database_url)?, &store, &recipients).await?;
    println!(
        "{}: {} rows of {} tables, {} bytes sealed, schema {}",
        manifest.name(),
        manifest.contents.rows,
        manifest.contents.tables.len(),
        manifest.archive.bytes,
        manifest.contents.schema_version
    );
    Ok(())
}

async fn verify_one(options: &Verify) -> Result {
    let project = Project::find()?;
    let store = Store::open(&options.place.store)?;
    let database = options.database_url.as_deref().map(login).transpose()?;
    let scratch = options.scratch_url.as_deref().map(login).transpose()?;
    let (name, restored) = verify::verify(
        &project,
        &store,
        &options.name,
        &identities(options.keys.identity_file.as_deref())?,
        scratch.as_ref(),
        database.as_ref(),
    )
    .await?;
    println!(
        "{name}: restored and compared, {} rows of {} tables, no difference",
        restored.rows, restored.tables
    );
    Ok(())
}

async fn list(store: &Store) -> Result {
    let entries = store.list().await?;
    if entries.is_empty() {
        println!("there is no backup in {}", store.place());
    }
    for entry in &entries {
        println!("{}", line(entry));
    }
    Ok(())
}

fn line(entry: &Entry) -> String {
    let name = &entry.name;
    match &entry.manifest {
        Err(fault) => format!(
            "{name}  UNUSABLE: {}",
            fault.to_string().lines().next().unwrap_or_default()
        ),
        Ok(manifest) => {
            let verified = match &entry.verified {
                Some(verified) if entry.is_verified() => {
                    format!("verified {:.0}", verified.verified_at)
                }
                _ => "not verified".to_owned(),
            };
            format!(
                "{name}  {:>9} rows  {:>11} bytes  schema {}  {verified}",
                manifest.contents.rows, manifest.archive.bytes, manifest.contents.schema_version
            )
        }
    }
}

async fn restore_one(options: &Restore) -> Result {
    let project = Project::find()?;
    let store = Store::open(&options.place.store)?;
    let keys = identities(options.keys.identity_file.as_deref())?;
    let (name, manifest) = store.find(&options.name).await?;
    let archive = store.fetch(&name, &manifest).await?;
    let migrations = project.migrations();
    let plan = Plan {
        manifest: &manifest,
        archive: archive.path(),
        identities: &keys,
        migrations: &migrations,
        store: &store,
    };
    let restored = restore::restore(&login(&options.into)?, &plan, End::Commit).await?;
    println!(
        "{name}: restored, {} rows of {} tables compared, {} migrations applied on top; reconciling: {}",
        restored.rows,
        restored.tables,
        restored.migrated.len(),
        restored.reconciled
    );
    Ok(())
}

async fn prune(options: &Prune) -> Result {
    let store = Store::open(&options.place.store)?;
    let gone = retention::expired(&items(&store.list().await?), Timestamp::now());
    for name in &gone {
        if options.dry_run {
            println!("{name} would be removed");
            continue;
        }
        store.remove(name).await?;
        println!("{name} removed");
    }
    if let Some(url) = options.database_url.as_deref().filter(|_| !options.dry_run) {
        let mut connection = migrate::connect(&login(url)?).await?;
        if snapshot::exists(&mut connection, "private.backups").await? {
            sqlx::query(
                "update private.backups set removed_at = private.now() where name = any ($1)",
            )
            .bind(&gone)
            .execute(&mut connection)
            .await
            .map_err(Error::database("cannot write down what was removed"))?;
        }
        drop(connection.close().await);
    }
    println!("{} removed", if options.dry_run { 0 } else { gone.len() });
    Ok(())
}

fn keygen() -> Result {
    let failed = || Error::io("cannot make a key");
    let identity = Identity::generate().map_err(failed())?;
    let recipient = identity.recipient().map_err(failed())?;
    eprintln!(
        "recipient: {recipient}\nkeep the identity apart from the backups, and a copy on paper"
    );
    println!("# recipient: {recipient}\n{}", identity.expose());
    Ok(())
}

/// The identities of a file, or of BACKUP_IDENTITY.
///
/// # Errors
///
/// When there is none, or the file cannot be read.
pub fn identities(file: Option<&std::path::Path>) -> Result<Vec<Identity>> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(Error::io(format!("cannot read {}", file.display())))?,
        None => std::env::var("BACKUP_IDENTITY")
            .ok()
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                Error::setup(
                    "no identity was given",
                    "name its file with --identity-file, or put it into BACKUP_IDENTITY",
                )
            })?,
    };
    Ok(Identity::parse_all(&text)?)
}

fn login(url: &str) -> Result<PgConnectOptions> {
    url.parse()
        .map_err(Error::database("the database's URL cannot be read"))
}
