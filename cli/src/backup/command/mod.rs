//! The commands of a person, or of the nightly workflow.

mod args;
mod identities;

use jiff::Timestamp;
use sqlx::Connection as _;

pub use self::args::BackupArgs;
use self::args::{Action, Create, Prune, Restore, Verify};
pub use self::identities::identities;
use super::age::{Identity, Recipient};
use super::restore::{End, Plan};
use super::store::{Entry, Store, items};
use super::{create, records, restore, retention, verify};
use crate::error::{Error, Result};
use crate::migrate;
use crate::postgres::cluster::login::parse_url;
use crate::project::Project;

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
    let manifest = create::create(&parse_url(&options.database_url)?, &store, &recipients).await?;
    println!(
        "{}: {} rows of {} tables, {} bytes encrypted, schema {}",
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
    let database = options.database_url.as_deref().map(parse_url).transpose()?;
    let scratch = options.scratch_url.as_deref().map(parse_url).transpose()?;
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
    let restored = restore::restore(&parse_url(&options.into)?, &plan, End::Commit).await?;
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
        let mut connection = migrate::connect(&parse_url(url)?).await?;
        records::removal(&mut connection, &gone).await?;
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
