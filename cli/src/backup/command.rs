//! The commands of a person, or of the nightly workflow.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Connection as _;

use super::age::{Identity, Recipient};
use super::args::{Action, BackupArgs, Create, Prune, Restore, Verify};
use super::restore::{End, Plan};
use super::store::{Entry, Store, items};
use super::{create, records, restore, retention, verify};
use crate::postgres::connection::{connect, parse_url};
use crate::project::{Project, read_text};
use crate::{Error, Result};

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

/// The identities of a file, or of BACKUP_IDENTITY.
///
/// # Errors
///
/// When there is none, or the file cannot be read.
pub fn identities(file: Option<&Path>) -> Result<Vec<Identity>> {
    let text = match file {
        Some(file) => read_text(file)?,
        None => std::env::var("BACKUP_IDENTITY").unwrap_or_default(),
    };
    if file.is_none() && text.is_empty() {
        return Err(Error::setup(
            "no identity was given",
            "name its file with --identity-file, or put it into BACKUP_IDENTITY",
        ));
    }
    Ok(Identity::parse_all(&text)?)
}

async fn create_one(options: &Create) -> Result {
    let recipients = options.recipient.iter().map(|key| Recipient::parse(key));
    let recipients = recipients.collect::<Result<Vec<_>, _>>()?;
    let store = Store::open(&options.place.store)?;
    let manifest = create::create(&parse_url(&options.database_url)?, &store, &recipients).await?;
    let contents = &manifest.contents;
    println!(
        "{}: {} rows of {} tables, {} bytes encrypted, schema {}",
        manifest.name(),
        contents.rows,
        contents.tables.len(),
        manifest.archive.bytes,
        contents.schema_version
    );
    Ok(())
}

async fn verify_one(options: &Verify) -> Result {
    let project = Project::find()?;
    let store = Store::open(&options.place.store)?;
    let database = options.database_url.as_deref().map(parse_url).transpose()?;
    let scratch = options.scratch_url.as_deref().map(parse_url).transpose()?;
    let keys = identities(options.identity_file.as_deref())?;
    let (scratch, database) = (scratch.as_ref(), database.as_ref());
    let verified = verify::verify(&project, &store, &options.name, &keys, scratch, database);
    let (name, restored) = verified.await?;
    let (rows, tables) = (restored.rows, restored.tables);
    println!("{name}: restored and compared, {rows} rows of {tables} tables, no difference");
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
    let manifest = match &entry.manifest {
        Ok(manifest) => manifest,
        Err(fault) => {
            let why = fault.to_string();
            let why = why.lines().next().unwrap_or_default();
            return format!("{name}  UNUSABLE: {why}");
        }
    };
    let verified = match &entry.verified {
        Some(verified) if entry.is_verified() => format!("verified {:.0}", verified.verified_at),
        _ => "not verified".to_owned(),
    };
    let (rows, bytes) = (manifest.contents.rows, manifest.archive.bytes);
    let schema = &manifest.contents.schema_version;
    format!("{name}  {rows:>9} rows  {bytes:>11} bytes  schema {schema}  {verified}")
}

async fn restore_one(options: &Restore) -> Result {
    let project = Project::find()?;
    let store = Store::open(&options.place.store)?;
    let identities = identities(options.identity_file.as_deref())?;
    let (name, manifest) = store.find(&options.name).await?;
    let archive = store.fetch(&name, &manifest).await?;
    let plan = Plan {
        manifest: &manifest,
        archive: archive.path(),
        identities: &identities,
        migrations: &project.migrations(),
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
    if options.dry_run {
        for name in &gone {
            println!("{name} would be removed");
        }
        println!("0 removed");
        return Ok(());
    }
    for name in &gone {
        store.remove(name).await?;
        println!("{name} removed");
    }
    if let Some(url) = &options.database_url {
        let mut connection = connect(&parse_url(url)?).await?;
        records::removal(&mut connection, &gone).await?;
        drop(connection.close().await);
    }
    println!("{} removed", gone.len());
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
