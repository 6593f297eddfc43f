//! The deployment itself.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{finding::Finding, variables::Variables};
use crate::http::{base, send};

/// A round trip to a database in the same region takes a few milliseconds.
const FAR_MILLISECONDS: u64 = 60;

/// Without a verified backup for longer than this, the watchdog raises an alert too.
const BACKUP_AGE: Duration = Duration::from_secs(26 * 3600);

pub(super) async fn check(client: &Client, variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let url = base(&variables.config.app.url);
    match send(client.get(format!("{url}/api/health"))).await {
        Ok((200 | 503, body)) if body["status"].is_string() => {
            health(url, &body, variables.is_local(), findings);
        }
        Ok((401 | 403, _)) => {
            findings.push(Finding::fault(
                format!("{url} is behind Vercel's deployment protection"),
                "pg_cron and Google's consent cannot pass it: give APP_URL a domain that is not protected",
            ));
            return;
        }
        Ok((status, body)) => {
            let code = body["code"].as_str().unwrap_or("without a status");
            findings.push(Finding::fault(
                format!("{url}/api/health answers {status} {code}"),
                "read the function's log: a missing variable is named there",
            ));
        }
        Err(error) => {
            findings.push(Finding::fault(
                format!("APP_URL ({url}) does not answer: {error}"),
                "deploy, and compare APP_URL with the deployment's address",
            ));
            return;
        }
    }
    findings.extend(database(client, variables, url).await);
    files(client, url, findings).await;
    dispatcher(client, variables, url, findings).await;
}

/// What the deployment's own health says.
pub(super) fn health(base: &str, health: &Value, local: bool, findings: &mut Vec<Finding>) {
    findings.push(match health["status"].as_str() {
        Some("healthy") => Finding::fine(format!("{base} is healthy")),
        status => Finding::fault(
            format!("{base} is {}", status.unwrap_or("without a status")),
            "GET /api/health says which part; docs/operations.md says what to do about each",
        ),
    });
    if local {
        return;
    }
    let trip = health["services"]["database"]["response_time"].as_u64();
    if let Some(trip) = trip.filter(|trip| *trip > FAR_MILLISECONDS) {
        findings.push(Finding::advice(
            format!("the functions' database answers in {trip} ms"),
            "if it stays so, they are far apart: put `regions` in vercel.json beside the database",
        ));
    }
    let verified = health["work"]["last_verified_backup_at"].as_str();
    let verified = verified.and_then(|moment| moment.parse::<Timestamp>().ok());
    findings.push(match verified {
        None => Finding::advice(
            "no backup was ever verified",
            "run the workflow `backup`, or `catalyst backup create` and `catalyst backup verify`",
        ),
        Some(moment) if Timestamp::now().duration_since(moment).unsigned_abs() > BACKUP_AGE => {
            Finding::fault(
                format!("the newest verified backup is of {moment}"),
                "see the last runs of the workflow `backup`",
            )
        }
        Some(moment) => Finding::fine(format!("a backup was verified at {moment}")),
    });
}

/// Whether the deployment works with the project that the variables name.
async fn database(client: &Client, variables: &Variables<'_>, url: &str) -> Option<Finding> {
    let answer = send(client.get(format!("{url}/api/config"))).await;
    let (_, body) = answer.ok().filter(|(status, _)| *status == 200)?;
    let other = &body["supabase_url"];
    let differs = *other != base(&variables.config.supabase.url);
    (differs && variables.can_read(&["SUPABASE_URL"])).then(|| {
        Finding::fault(
            format!("the deployment uses the Supabase project {other}"),
            "check the deployment's own variables, or set SUPABASE_URL there and deploy again",
        )
    })
}

/// Whether the pages are deployed, and nothing else.
async fn files(client: &Client, url: &str, findings: &mut Vec<Finding>) {
    for path in ["/Cargo.toml", "/supabase/config.toml"] {
        if let Ok((200, _)) = send(client.get(format!("{url}{path}"))).await {
            findings.push(Finding::fault(
                format!("{url}{path} can be read by anybody: the sources are published"),
                "outputDirectory must be public, and public/ must hold a file when it is deployed",
            ));
        }
    }
    if let Ok((404, _)) = send(client.get(format!("{url}/vendor/supabase.js"))).await {
        findings.push(Finding::advice(
            "the dashboard's sign-in library is not deployed",
            "deploy with the build command of vercel.json (scripts/pages)",
        ));
    }
}

/// Whether the dispatcher takes the secret, and nothing else.
async fn dispatcher(
    client: &Client,
    variables: &Variables<'_>,
    url: &str,
    findings: &mut Vec<Finding>,
) {
    let call = || {
        client
            .post(format!("{url}/api/cron/dispatch"))
            .json(&json!({}))
    };
    match send(call()).await {
        Ok((401, _)) => {
            findings.push(Finding::fine(
                "the dispatcher refuses calls without CRON_SECRET",
            ));
        }
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the dispatcher answers a call without CRON_SECRET with {status}"),
            "set CRON_SECRET in the deployment's environment and deploy again",
        )),
        Err(_) => {}
    }
    let Some(secret) = &variables.config.app.cron_secret else {
        return;
    };
    match send(call().bearer_auth(secret.expose_secret())).await {
        Ok((202, _)) => findings.push(Finding::fine("the dispatcher takes CRON_SECRET")),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the dispatcher answers CRON_SECRET with {status}"),
            "the deployment has another CRON_SECRET: make them one, in Vercel, here and in Vault",
        )),
        Err(_) => {}
    }
}
