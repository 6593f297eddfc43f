//! The arguments of `catalyst backup`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::signature::{PublicKey, Trust};
use super::store::Store;
use crate::Result;

/// `catalyst backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Back a database up: one snapshot, encrypted for a recipient.
    Create(Create),
    /// Put beside the backups what was erased since the last time, as hashes: no restore brings it back.
    Erasures(Erasures),
    /// Restore a backup into an empty scratch database, compare it hash by hash, and throw it away.
    Verify(Verify),
    /// Say which backups there are, and which were verified.
    List(Trusted),
    /// Restore a backup into an empty database.
    Restore(Restore),
    /// Remove what is older than 7 daily, 4 weekly and 12 monthly backups.
    Prune(Prune),
    /// Make a key pair: the secret half, which opens backups, on standard output.
    Keygen(Keygen),
}

#[derive(Debug, Args)]
pub(super) struct Where {
    /// A folder, or s3://bucket/prefix (with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3).
    #[arg(long, env = "BACKUP_STORE", value_name = "PLACE")]
    pub(super) store: String,
}

/// A store whose files are believed if they are signed.
#[derive(Debug, Args)]
pub struct Trusted {
    #[command(flatten)]
    place: Where,
    /// Whose manifests are believed (RW…); may be given several times.
    #[arg(
        long = "signer",
        env = "BACKUP_SIGNERS",
        value_delimiter = ',',
        required = true
    )]
    signers: Vec<String>,
    /// Whose verifications are believed (RW…); may be given several times.
    #[arg(long = "verifier", env = "BACKUP_VERIFIERS", value_delimiter = ',')]
    verifiers: Vec<String>,
}

impl Trusted {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// When a key or the store cannot be read.
    pub fn open(&self) -> Result<Store> {
        let keys = |keys: &[String]| {
            let given = keys.iter().filter(|key| !key.is_empty());
            given
                .map(|key| PublicKey::parse(key))
                .collect::<Result<Vec<_>, _>>()
        };
        let (signers, verifiers) = (keys(&self.signers)?, keys(&self.verifiers)?);
        Ok(Store::open(&self.place.store)?.trusting(Trust { signers, verifiers }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    pub(super) place: Where,
    /// Whose identity opens the backup (age1…); may be given several times.
    #[arg(
        long,
        env = "BACKUP_RECIPIENT",
        value_delimiter = ',',
        required = true,
        value_name = "KEY"
    )]
    pub(super) recipient: Vec<String>,
    /// A file with the key that signs; otherwise BACKUP_SIGNING_KEY.
    #[arg(long, env = "BACKUP_SIGNING_KEY_FILE", value_name = "FILE")]
    pub(super) signing_key_file: Option<PathBuf>,
    /// The database: a direct connection or the session pooler, as the role postgres.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: String,
}

#[derive(Debug, Args)]
pub(super) struct Erasures {
    #[command(flatten)]
    pub(super) place: Where,
    /// A file with the key that signs; otherwise BACKUP_SIGNING_KEY.
    #[arg(long, env = "BACKUP_SIGNING_KEY_FILE", value_name = "FILE")]
    pub(super) signing_key_file: Option<PathBuf>,
    /// The database that knows what was erased.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: String,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    pub(super) place: Trusted,
    /// A file with the key that signs; otherwise BACKUP_SIGNING_KEY.
    #[arg(long, env = "BACKUP_SIGNING_KEY_FILE", value_name = "FILE")]
    pub(super) signing_key_file: Option<PathBuf>,
    /// A file with the identities that open backups, one a line.
    #[arg(long, env = "BACKUP_IDENTITY_FILE", value_name = "FILE")]
    pub(super) identity_file: Option<PathBuf>,
    /// The backup's name, or `latest`.
    #[arg(default_value = "latest")]
    pub(super) name: String,
    /// The database that was backed up, which learns the result; it is not read.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// An empty database to restore into; nothing stays in it. Without it a server is started here and thrown away.
    #[arg(long, value_name = "URL")]
    pub(super) scratch_url: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    pub(super) place: Trusted,
    /// A file with the identities that open backups, one a line.
    #[arg(long, env = "BACKUP_IDENTITY_FILE", value_name = "FILE")]
    pub(super) identity_file: Option<PathBuf>,
    /// The backup's name, `latest`, or `verified`: the newest verified one.
    #[arg(default_value = "verified")]
    pub(super) name: String,
    /// The empty database to restore into: that of a new project.
    #[arg(long, value_name = "URL")]
    pub(super) into: String,
}

#[derive(Debug, Args)]
pub(super) struct Prune {
    #[command(flatten)]
    pub(super) place: Trusted,
    /// Only say what would be removed.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The database that was backed up, which learns what is gone.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Keygen {
    /// A pair that signs and checks, instead of one that opens and encrypts.
    #[arg(long)]
    pub(super) signing: bool,
}
