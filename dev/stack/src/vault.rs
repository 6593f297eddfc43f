//! The secrets that jobs in the database read.

use std::collections::BTreeMap;

use catalyst_cli::error::{Error, Result};
use sqlx::PgPool;

/// Keeps where the dispatcher is, what it asks for, and where alerts go.
pub(crate) async fn keep(admin: &PgPool, environment: &BTreeMap<String, String>) -> Result {
    let value = |name: &str| environment.get(name).map_or("", String::as_str);
    let slack = match value("SLACK_WEBHOOK_URL") {
        "" => value("FAKE_SLACK_URL"),
        own => own,
    };
    for (name, secret) in [
        ("app_url", value("APP_URL")),
        ("cron_secret", value("CRON_SECRET")),
        ("slack_webhook_url", slack),
    ] {
        if secret.is_empty() {
            continue;
        }
        sqlx::query(
            "insert into vault.secrets (name, secret) values ($1, $2) \
             on conflict (name) do update set secret = excluded.secret, updated_at = now()",
        )
        .bind(name)
        .bind(secret)
        .execute(admin)
        .await
        .map_err(Error::database("cannot keep a secret in the vault"))?;
    }
    Ok(())
}
