//! `catalyst recover`.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::args::RecoverArgs;
use super::deployment::{Cloudflare, Vercel, Wanted};
use super::recovery::recover;
use super::settings::Settings;
use crate::backup::{self, Store};
use crate::error::{Error, Result};
use crate::postgres::cluster::login;
use crate::project::{Project, read_dotenv};

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
    let new = match &args.new_env {
        Some(file) => read_dotenv(file)?,
        None => BTreeMap::new(),
    };
    let mut variables = project.dotenv()?;
    variables.extend(std::env::vars().filter(|(_, value)| !value.is_empty()));
    variables.extend(new.clone());
    let lost = args.database_url.as_deref().map(login::parse_url);
    Ok(Settings {
        store: Store::open(&args.store)?,
        identities: backup::identities(args.identity_file.as_deref())?,
        backup: args.backup.clone(),
        target: login::parse_url(&args.into)?,
        lost: lost.transpose()?,
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
    let vercel = args.vercel_project.as_ref().map(|project| {
        Ok::<_, Error>(Vercel {
            url: url("VERCEL_API_URL", "https://api.vercel.com"),
            project: project.clone(),
            team: variables.get("VERCEL_ORG_ID").cloned(),
            token: secret("VERCEL_TOKEN")?,
        })
    });
    let cloudflare = args.cloudflare_zone.as_ref().map(|zone| {
        Ok::<_, Error>(Cloudflare {
            url: url("CLOUDFLARE_API_URL", "https://api.cloudflare.com"),
            zone: zone.clone(),
            token: secret("CLOUDFLARE_API_TOKEN")?,
        })
    });
    Ok(Wanted {
        vercel: vercel.transpose()?,
        variables: new,
        cloudflare: cloudflare.transpose()?,
        names: args
            .dns
            .iter()
            .map(|pair| name(pair))
            .collect::<Result<_>>()?,
    })
}

/// `NAME=CONTENT`.
fn name(pair: &str) -> Result<(String, String)> {
    match pair.split_once('=') {
        Some((name, content)) => Ok((name.to_owned(), content.to_owned())),
        None => Err(Error::setup(
            format!("{pair} is not NAME=CONTENT"),
            "for example api.example.com=cname.vercel-dns.com",
        )),
    }
}
