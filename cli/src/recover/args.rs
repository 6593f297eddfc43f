//! The arguments of `catalyst recover`.

use std::path::PathBuf;

use jiff::Timestamp;

/// `catalyst recover`.
#[derive(Debug, clap::Args)]
pub struct RecoverArgs {
    /// A folder, or s3://bucket/prefix, with the backups.
    #[arg(long, env = "BACKUP_STORE", value_name = "PLACE")]
    pub(super) store: String,
    /// A file with the identities that open backups; otherwise BACKUP_IDENTITY.
    #[arg(long, env = "BACKUP_IDENTITY_FILE", value_name = "FILE")]
    pub(super) identity_file: Option<PathBuf>,
    /// The backup's name; otherwise the newest verified one.
    #[arg(long, default_value = "verified", value_name = "NAME")]
    pub(super) backup: String,
    /// The empty database of the new project, as the role postgres.
    #[arg(long, value_name = "URL")]
    pub(super) into: String,
    /// The database that was lost, to see what it says.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// When it was lost, for the report; otherwise now.
    #[arg(long, value_name = "TIME")]
    pub(super) lost_at: Option<Timestamp>,
    /// The deployment's variables for the new project (NAME=value lines), which Vercel's production environment gets.
    #[arg(long, value_name = "FILE")]
    pub(super) new_env: Option<PathBuf>,
    /// Vercel's project (with VERCEL_TOKEN, and VERCEL_ORG_ID for a team).
    #[arg(long, env = "VERCEL_PROJECT_ID", value_name = "ID")]
    pub(super) vercel_project: Option<String>,
    /// Cloudflare's zone (with CLOUDFLARE_API_TOKEN).
    #[arg(long, env = "CLOUDFLARE_ZONE_ID", value_name = "ID")]
    pub(super) cloudflare_zone: Option<String>,
    /// A name and what it is to point at; may be given several times.
    #[arg(long, value_name = "NAME=CONTENT")]
    pub(super) dns: Vec<String>,
    /// Do it. Without this nothing is changed anywhere.
    #[arg(long)]
    pub(super) apply: bool,
    /// Where the report goes.
    #[arg(long, default_value = "recovery-report.json", value_name = "FILE")]
    pub(super) report: PathBuf,
}
