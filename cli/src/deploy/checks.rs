//! `catalyst deploy --check N`: whether one of the things that only a person can do is done.

use sqlx::{Connection as _, PgConnection, query_scalar};

use super::by_hand::{self, Check};
use super::context::Context;
use super::refusal::{Refusal, stop};
use super::supabase::{database, project};
use super::vercel::{account, domain::Address};
use super::wanted::Wanted;
use crate::doctor::{Finding, ask};
use crate::postgres::connection;
use crate::{Error, Result};

/// Checks one of them; true when it is done. Changes nothing of the deployment.
///
/// # Errors
///
/// When there is no such number, or what has to be asked cannot be.
pub(super) async fn run(context: &mut Context, number: usize) -> Result<bool> {
    let items = by_hand::items(&context.wanted, "_", &Address::default());
    let Some(item) = number.checked_sub(1).and_then(|index| items.get(index)) else {
        let problem = format!("there is no number {number}");
        return Err(stop(problem, &format!("the list has 1 to {}", items.len())));
    };
    let finding = match item.check {
        Check::GoogleClient | Check::Gemini | Check::RevId => key(context, item.check).await,
        Check::GooglePublished | Check::YouTubeAudit | Check::DerivedMetrics => {
            in_database(context, item.check).await?
        }
        Check::Mail => mail(context).await?,
        Check::Domain => domain(context).await?,
    };
    context.report.say(&format!("{number}. {}", item.title));
    context.report.say(&finding.to_string());
    Ok(matches!(finding, Finding::Fine(_)))
}

/// A key of `.env`, which its service is asked about.
async fn key(context: &mut Context, check: Check) -> Finding {
    let (variable, service) = match check {
        Check::GoogleClient => ("GOOGLE_CLIENT_ID", ask::Service::Google),
        Check::Gemini => ("GEMINI_API_KEY", ask::Service::Gemini),
        _ => ("REVID_API_KEY", ask::Service::RevId),
    };
    let variables = &context.wanted.variables;
    if !variables.contains_key(variable) {
        let cure = "put it into .env, and run `catalyst deploy` again";
        return Finding::fault(format!("{variable} is not set"), cure);
    }
    let address = address(&context.wanted);
    ask::service(service, variables, &address).await
}

/// The address without asking Vercel, for what only compares it.
fn address(wanted: &Wanted) -> String {
    let given = wanted.app_url.as_ref().map(ToString::to_string);
    given.unwrap_or_else(|| match &wanted.domain {
        Some(domain) => format!("https://{domain}"),
        None => format!("https://{}.vercel.app", wanted.name),
    })
}

async fn in_database(context: &mut Context, check: Check) -> Result<Finding> {
    let project = existing(context).await?;
    let Some(login) = database::open(context, &project).await? else {
        return Err(stop(
            "a dry run does not log in to the database",
            "leave --dry-run out",
        ));
    };
    let mut connection = connection::connect(&login).await?;
    let found = match check {
        Check::GooglePublished => published(&mut connection).await,
        Check::YouTubeAudit => audited(&mut connection).await,
        _ => ask::scores(&mut connection).await.map(|finding| {
            finding
                .unwrap_or_else(|| Finding::fine("the amendment is recorded, and scores are shown"))
        }),
    };
    drop(connection.close().await);
    found.map_err(Error::database("cannot ask the database; was it deployed?"))
}

/// Google tells nobody whether an app is published; its permissions show it.
async fn published(connection: &mut PgConnection) -> sqlx::Result<Finding> {
    if let Some(fault) = ask::google_consent(connection).await? {
        return Ok(fault);
    }
    let sql = "select exists (select from private.channel_credentials)";
    let known: bool = query_scalar(sql).fetch_one(connection).await?;
    Ok(match known {
        true => {
            Finding::fine("no channel's permission ends after seven days: the app is published")
        }
        false => Finding::advice(
            "no channel was connected yet, so nothing shows it",
            "connect one, and check again",
        ),
    })
}

/// YouTube tells nobody whether a project was audited; a video that became public shows it.
async fn audited(connection: &mut PgConnection) -> sqlx::Result<Finding> {
    let sql = "select exists (select from public.scheduled_uploads where state = 'published')";
    let known: bool = query_scalar(sql).fetch_one(connection).await?;
    Ok(match known {
        true => Finding::fine("YouTube made a video of ours public: the project is audited"),
        false => Finding::advice(
            "no video of ours is public yet, so nothing shows it",
            "publish one, and check again",
        ),
    })
}

async fn mail(context: &mut Context) -> Result<Finding> {
    let project = existing(context).await?;
    let path = format!("/v1/projects/{}/config/auth", project.reference);
    let failed =
        |refusal: Refusal| refusal.into_error("read the settings of sign-in", &context.report);
    let found = context
        .supabase
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    Ok(match found["smtp_host"].as_str() {
        Some(host) if !host.is_empty() => Finding::fine(format!("mail goes through {host}")),
        _ => Finding::fault(
            "mail goes through Supabase's own server, to your members only",
            "give a server of your own",
        ),
    })
}

async fn domain(context: &mut Context) -> Result<Finding> {
    account::find(context).await?;
    let failed = |refusal: Refusal| refusal.into_error("look at the domain", &context.report);
    let host = context.wanted.domain.clone().unwrap_or_default();
    let path = format!("/v9/projects/{}/domains/{host}", context.wanted.name);
    let domain = context
        .vercel
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let path = format!("/v6/domains/{host}/config");
    let config = context
        .vercel
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    Ok(
        match domain["verified"] == true && config["misconfigured"] == false {
            true => Finding::fine(format!("{host} leads to the deployment")),
            false => Finding::fault(
                format!("{host} does not lead to the deployment yet"),
                "set the records; others see them after up to a day",
            ),
        },
    )
}

async fn existing(context: &Context) -> Result<project::Project> {
    let found = project::find(context).await?;
    let missing = || {
        stop(
            format!("there is no Supabase project {} yet", context.wanted.name),
            "run `catalyst deploy` first",
        )
    };
    Ok(project::named(context, &found.ok_or_else(missing)?))
}
