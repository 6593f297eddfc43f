//! The service: what of it still answers, and what wakes it on its new database. No call costs anything.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::http::{client, status};
use crate::{Error, Result, postgres::catalog};

/// How long each may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long the API may take to find the new database.
const SERVING: Duration = Duration::from_secs(180);

const GEMINI: &str = "https://generativelanguage.googleapis.com";

/// Asks the database that was lost, the API and the services outside, all of them at once.
pub(super) async fn assess(
    variables: &BTreeMap<String, String>,
    lost: Option<&PgConnectOptions>,
) -> Value {
    let value = |name: &str, usual: &str| {
        let set = variables.get(name).filter(|value| !value.is_empty());
        set.map_or(usual, String::as_str).to_owned()
    };
    let app = value("APP_URL", "");
    let (database, live, health, google, youtube, gemini, revid) = tokio::join!(
        database(lost),
        page(&app, "/api/health/live"),
        page(&app, "/api/health"),
        host(value("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com")),
        host(value("YOUTUBE_URL", "https://www.googleapis.com")),
        host(value("GEMINI_URL", GEMINI)),
        host(value("REVID_URL", "https://www.revid.ai")),
    );
    json!({
        "database": database,
        "api": {"live": live, "health": health},
        "providers": {"google": google, "youtube": youtube, "gemini": gemini, "revid": revid},
    })
}

async fn database(login: Option<&PgConnectOptions>) -> Value {
    let Some(login) = login else {
        return json!({"state": "not named"});
    };
    let began = Instant::now();
    let asked = async {
        let mut connection = PgConnection::connect_with(login).await?;
        let steps = catalog::has_relation(&mut connection, "private.steps").await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(steps)
    };
    let state = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(true)) => "answers, and the product is in it",
        Ok(Ok(false)) => "answers, and the product is not in it",
        Ok(Err(sqlx::Error::Database(_))) => "refuses",
        Ok(Err(_)) | Err(_) => "does not answer",
    };
    json!({"state": state, "ms": milliseconds(began)})
}

async fn page(app: &str, path: &str) -> Value {
    if app.is_empty() {
        return json!({"state": "not named"});
    }
    let began = Instant::now();
    match status(&format!("{}{path}", app.trim_end_matches('/')), PATIENCE).await {
        Some(status) => json!({"state": "answers", "status": status, "ms": milliseconds(began)}),
        None => json!({"state": "does not answer", "ms": milliseconds(began)}),
    }
}

/// Any answer will do: without a key it is a refusal.
async fn host(url: String) -> Value {
    let began = Instant::now();
    let state = match status(&url, PATIENCE).await {
        Some(status) if status < 500 => "answers",
        Some(_) => "answers with faults",
        None => "does not answer",
    };
    json!({"state": state, "ms": milliseconds(began)})
}

/// How long ago that was, in milliseconds.
pub(super) fn milliseconds(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Keeps in Vault what the database wakes the dispatcher with.
pub(super) async fn keep_secrets(
    connection: &mut PgConnection,
    app_url: &str,
    cron_secret: &str,
) -> Result {
    for (name, value) in [("app_url", app_url), ("cron_secret", cron_secret)] {
        let refused = Error::database(format!("cannot keep the secret {name} in Vault"));
        let kept = catalog::set_secret(connection, name, value).await;
        kept.map_err(refused)?;
    }
    Ok(())
}

/// Waits until the API is healthy; false when it never is.
pub(super) async fn wait_until_healthy(app_url: &str) -> bool {
    let until = Instant::now() + SERVING;
    let url = format!("{app_url}/api/health");
    while Instant::now() < until {
        if let Some(200..300) = status(&url, Duration::from_secs(10)).await {
            return true;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    false
}

/// Wakes the dispatcher; false when it refuses.
pub(super) async fn wake_dispatcher(app_url: &str, secret: &str) -> bool {
    let Ok(client) = client(Duration::from_secs(20)) else {
        return false;
    };
    let call = client.post(format!("{app_url}/api/cron/dispatch"));
    let answer = call.bearer_auth(secret).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
