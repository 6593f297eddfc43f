//! The deployment itself.

use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::health;
use super::http::{base, send};
use crate::doctor::finding::Finding;
use crate::doctor::variables::Variables;

pub(super) async fn check(client: &Client, variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let url = base(&variables.config.app.url);
    match send(client.get(format!("{url}/api/health"))).await {
        Ok((200 | 503, body)) if body["status"].is_string() => {
            health::check(url, &body, variables.is_local(), findings);
        }
        Ok((401 | 403, _)) => {
            findings.push(Finding::fault(
                format!("{url} is behind Vercel's deployment protection"),
                "pg_cron and Google's consent cannot pass it: give APP_URL a domain that is not protected",
            ));
            return;
        }
        Ok((status, body)) => findings.push(Finding::fault(
            format!(
                "{url}/api/health answers {status} {}",
                body["code"].as_str().unwrap_or("without a status")
            ),
            "read the function's log: a missing variable is named there",
        )),
        Err(error) => {
            findings.push(Finding::fault(
                format!("APP_URL ({url}) does not answer: {error}"),
                "deploy, and compare APP_URL with the deployment's address",
            ));
            return;
        }
    }
    database(client, variables, url, findings).await;
    files(client, url, findings).await;
    dispatcher(client, variables, url, findings).await;
}

/// Whether the deployment works with the project that the variables name.
async fn database(
    client: &Client,
    variables: &Variables<'_>,
    url: &str,
    findings: &mut Vec<Finding>,
) {
    if let Ok((200, body)) = send(client.get(format!("{url}/api/config"))).await
        && body["supabase_url"] != base(&variables.config.supabase.url)
        && variables.can_read(&["SUPABASE_URL"])
    {
        findings.push(Finding::fault(
            format!(
                "the deployment uses the Supabase project {}",
                body["supabase_url"]
            ),
            "check the deployment's own variables, or set SUPABASE_URL there and deploy again",
        ));
    }
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
        let call = client.post(format!("{url}/api/cron/dispatch"));
        call.json(&json!({}))
    };
    match send(call()).await {
        Ok((401, _)) => findings.push(Finding::fine(
            "the dispatcher refuses calls without CRON_SECRET",
        )),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the dispatcher answers a call without CRON_SECRET with {status}"),
            "set CRON_SECRET in the deployment's environment and deploy again",
        )),
        Err(_) => {}
    }
    if let Some(secret) = &variables.config.app.cron_secret
        && let Ok((status, _)) = send(call().bearer_auth(secret.expose_secret())).await
    {
        findings.push(match status {
            202 => Finding::fine("the dispatcher takes CRON_SECRET"),
            _ => Finding::fault(
                format!("the dispatcher answers CRON_SECRET with {status}"),
                "the deployment has another CRON_SECRET: make them one, in Vercel, here and in Vault",
            ),
        });
    }
}
