//! `catalyst recover`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;

use super::deployment::{Cloudflare, Vercel, Wanted};
use super::recovery::{Settings, recover};
use crate::backup::{self, Trusted};
use crate::postgres::connection::parse_url;
use crate::project::{Project, read_dotenv, under_own_names};
use crate::{Error, Result};

/// `catalyst recover`.
#[derive(Debug, clap::Args)]
pub struct RecoverArgs {
    #[command(flatten)]
    store: Trusted,
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

/// Runs the command; true when the service works again, or when nothing stands in the way of it.
///
/// # Errors
///
/// When the recovery cannot go on. The target is untouched unless the report says that it was restored.
pub async fn run(project: &Project, args: &RecoverArgs) -> Result<bool> {
    let settings = settings(project, args)?;
    let report = recover(project, &settings).await?;
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    let place = args.report.display();
    std::fs::write(&args.report, text).map_err(Error::io(format!("cannot write {place}")))?;
    println!("  report      {place}");
    if !args.apply {
        println!("  nothing was changed; the same command with --apply does it");
    }
    Ok(report["ok"] == true)
}

fn settings(project: &Project, args: &RecoverArgs) -> Result<Settings> {
    let new = match &args.new_env {
        Some(file) => read_dotenv(file)?,
        None => BTreeMap::new(),
    };
    let mut variables = project.dotenv()?;
    variables.extend(std::env::vars().filter(|(_, value)| !value.is_empty()));
    variables.extend(new.clone());
    let variables = under_own_names(variables)?;
    Ok(Settings {
        store: args.store.open()?,
        identities: backup::identities(args.identity_file.as_deref())?,
        backup: args.backup.clone(),
        target: parse_url(&args.into)?,
        lost: args.database_url.as_deref().map(parse_url).transpose()?,
        lost_at: args.lost_at,
        wanted: wanted(args, &variables, new)?,
        variables,
        apply: args.apply,
    })
}

/// What is to change at Vercel and Cloudflare.
fn wanted(
    args: &RecoverArgs,
    variables: &BTreeMap<String, String>,
    new: BTreeMap<String, String>,
) -> Result<Wanted> {
    let secret = |name: &str| match variables.get(name) {
        Some(value) => Ok(SecretString::from(value.as_str())),
        None => Err(Error::setup(
            format!("{name} is not set"),
            "put it into the environment",
        )),
    };
    let url = |name: &str, usual: &str| {
        let url = variables.get(name).map_or(usual, String::as_str);
        url.trim_end_matches('/').to_owned()
    };
    let mut wanted = Wanted {
        variables: new,
        ..Wanted::default()
    };
    if let Some(project) = &args.vercel_project {
        wanted.vercel = Some(Vercel {
            url: url("VERCEL_API_URL", "https://api.vercel.com"),
            project: project.clone(),
            team: variables.get("VERCEL_ORG_ID").cloned(),
            token: secret("VERCEL_TOKEN")?,
        });
    }
    if let Some(zone) = &args.cloudflare_zone {
        wanted.cloudflare = Some(Cloudflare {
            url: url("CLOUDFLARE_API_URL", "https://api.cloudflare.com"),
            zone: zone.clone(),
            token: secret("CLOUDFLARE_API_TOKEN")?,
        });
    }
    for pair in &args.dns {
        let Some((name, content)) = pair.split_once('=') else {
            let cure = "for example api.example.com=cname.vercel-dns.com";
            return Err(Error::setup(format!("{pair} is not NAME=CONTENT"), cure));
        };
        wanted.names.insert(name.to_owned(), content.to_owned());
    }
    Ok(wanted)
}
