//! What pg_cron's jobs read from Vault, compared with what the deployment has.

use secrecy::ExposeSecret;
use sqlx::PgConnection;

use crate::doctor::finding::Finding;
use crate::doctor::variables::Variables;
use crate::postgres::vault;

pub(super) async fn check(
    connection: &mut PgConnection,
    variables: &Variables<'_>,
    findings: &mut Vec<Finding>,
) {
    let app = &variables.config.app;
    let url = app.url.as_str().trim_end_matches('/');
    let url = Some(url).filter(|_| variables.can_read(&["APP_URL"]));
    let secret = app.cron_secret.as_ref().map(ExposeSecret::expose_secret);
    for (name, ours) in [("app_url", url), ("cron_secret", secret)] {
        let held = vault::secret(connection, name).await;
        findings.push(match held {
            Ok(held) => compare(name, ours, held.as_deref().unwrap_or_default()),
            Err(error) => Finding::fault(
                format!("Vault cannot be read: {error}"),
                "enable the extension supabase_vault",
            ),
        });
    }
}

fn compare(name: &str, ours: Option<&str>, held: &str) -> Finding {
    if held.is_empty() {
        Finding::fault(
            format!("Vault does not hold {name}, so nothing wakes the dispatcher"),
            format!(
                "`select vault.create_secret('<value>', '{name}')`, or [db.vault] of supabase/config.toml with `supabase db push`"
            ),
        )
    } else if ours.is_some_and(|ours| ours != held.trim_end_matches('/')) {
        Finding::fault(
            format!("Vault holds another {name} than the variables here"),
            format!(
                "make them one: `select vault.update_secret(id, '<value>') from vault.decrypted_secrets where name = '{name}'`"
            ),
        )
    } else {
        Finding::fine(format!("Vault holds {name}"))
    }
}
