//! What still answers: the database that was lost, the API, the services outside. No call costs anything.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use super::http::get;
use super::report::milliseconds;
use super::settings::Settings;
use crate::postgres::catalog;

/// How long each may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Asks all of them at once.
pub(super) async fn assess(settings: &Settings) -> Value {
    let value = |name: &str, usual: &str| settings.variable(name).unwrap_or(usual).to_owned();
    let app = value("APP_URL", "");
    let (database, live, health, google, youtube, gemini, revid) = tokio::join!(
        database(settings.lost.as_ref()),
        page(&app, "/api/health/live"),
        page(&app, "/api/health"),
        host(value("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com")),
        host(value("YOUTUBE_URL", "https://www.googleapis.com")),
        host(value(
            "GEMINI_URL",
            "https://generativelanguage.googleapis.com"
        )),
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
        let mut connection = sqlx::PgConnection::connect_with(login).await?;
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
    json!({"state": state, "ms": milliseconds(began.elapsed())})
}

async fn page(app: &str, path: &str) -> Value {
    if app.is_empty() {
        return json!({"state": "not named"});
    }
    let began = Instant::now();
    match get(&format!("{}{path}", app.trim_end_matches('/')), PATIENCE).await {
        Some(status) => {
            json!({"state": "answers", "status": status, "ms": milliseconds(began.elapsed())})
        }
        None => json!({"state": "does not answer", "ms": milliseconds(began.elapsed())}),
    }
}

/// Any answer will do: without a key it is a refusal.
async fn host(url: String) -> Value {
    let began = Instant::now();
    let state = match get(&url, PATIENCE).await {
        Some(status) if status < 500 => "answers",
        Some(_) => "answers with faults",
        None => "does not answer",
    };
    json!({"state": state, "ms": milliseconds(began.elapsed())})
}
