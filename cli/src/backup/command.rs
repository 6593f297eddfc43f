//! The commands of a person, or of the nightly workflow.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Connection as _;

use super::age::{Identity, Recipient};
use super::args::{Action, BackupArgs, Create, Erasures, Keygen, Prune, Restore, Verify};
use super::restore::{End, Plan};
use super::signature::SigningKey;
use super::store::{Entry, Store, items};
use super::{create, erasures, records, restore, retention, verify};
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
        Action::Erasures(options) => put_aside(&options).await,
        Action::List(place) => list(&place.open()?).await,
        Action::Restore(options) => restore_one(&options).await,
        Action::Prune(options) => prune(&options).await,
        Action::Keygen(options) => keygen(&options),
    }
}

/// The identities of a file, or of BACKUP_IDENTITY.
///
/// # Errors
///
/// When there is none, or the file cannot be read.
pub fn identities(file: Option<&Path>) -> Result<Vec<Identity>> {
    let cure = "name its file with --identity-file, or put it into BACKUP_IDENTITY";
    let text = secret(file, "BACKUP_IDENTITY", "no identity was given", cure)?;
    Ok(Identity::parse_all(&text)?)
}

fn signing_key(file: Option<&Path>) -> Result<SigningKey> {
    let cure = "name its file with --signing-key-file, or put it into BACKUP_SIGNING_KEY";
    let text = secret(
        file,
        "BACKUP_SIGNING_KEY",
        "no key to sign with was given",
        cure,
    )?;
    Ok(SigningKey::parse(&text)?)
}

/// A secret of a file, or of a variable.
fn secret(file: Option<&Path>, variable: &str, problem: &str, cure: &str) -> Result<String> {
    match file {
        Some(file) => read_text(file),
        None => {
            let text = std::env::var(variable).ok().filter(|text| !text.is_empty());
            text.ok_or_else(|| Error::setup(problem, cure))
        }
    }
}

async fn create_one(options: &Create) -> Result {
    let recipients = options.recipient.iter().map(|key| Recipient::parse(key));
    let recipients = recipients.collect::<Result<Vec<_>, _>>()?;
    let store = Store::open(&options.place.store)?;
    let key = signing_key(options.signing_key_file.as_deref())?;
    let login = parse_url(&options.database_url)?;
    let manifest = create::create(&login, &store, &recipients, &key).await?;
    erasures::put_aside(&login, &store, &key).await?;
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

async fn put_aside(options: &Erasures) -> Result {
    let store = Store::open(&options.place.store)?;
    let key = signing_key(options.signing_key_file.as_deref())?;
    let login = parse_url(&options.database_url)?;
    let count = erasures::put_aside(&login, &store, &key).await?;
    println!("{count} erasures put beside the backups");
    Ok(())
}

async fn verify_one(options: &Verify) -> Result {
    let project = Project::find()?;
    let store = options.place.open()?;
    let database = options.database_url.as_deref().map(parse_url).transpose()?;
    let scratch = options.scratch_url.as_deref().map(parse_url).transpose()?;
    let (name, restored) = verify::verify(
        &project,
        &store,
        &options.name,
        &identities(options.identity_file.as_deref())?,
        &signing_key(options.signing_key_file.as_deref())?,
        scratch.as_ref(),
        database.as_ref(),
    )
    .await?;
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
    let store = options.place.open()?;
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
    let store = options.place.open()?;
    let entries = store.list().await?;
    let gone = retention::expired(&items(&entries), Timestamp::now());
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
    if let Some(oldest) = entries.iter().find(|entry| !gone.contains(&entry.name)) {
        store.remove_erasures(&oldest.name).await?;
    }
    if let Some(url) = &options.database_url {
        let mut connection = connect(&parse_url(url)?).await?;
        records::removal(&mut connection, &gone).await?;
        drop(connection.close().await);
    }
    println!("{} removed", gone.len());
    Ok(())
}

fn keygen(options: &Keygen) -> Result {
    let failed = || Error::io("cannot make a key");
    if options.signing {
        let key = SigningKey::generate().map_err(failed())?;
        let public = key.public();
        eprintln!("public: {public}\nkeep the key that signs apart from the backups");
        println!("# public: {public}\n{}", key.expose());
        return Ok(());
    }
    let identity = Identity::generate().map_err(failed())?;
    let recipient = identity.recipient().map_err(failed())?;
    eprintln!(
        "recipient: {recipient}\nkeep the identity apart from the backups, and a copy on paper"
    );
    println!("# recipient: {recipient}\n{}", identity.expose());
    Ok(())
}
