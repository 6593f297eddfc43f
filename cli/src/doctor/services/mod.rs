//! What the services say that the variables name.

mod deployment;
mod gemini;
mod google;
mod health;
mod http;
mod revid;
mod supabase;
#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::variables::Variables;

/// Asks every service whose variables can be read.
pub(super) async fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let Ok(client) = http::client() else {
        findings.push(Finding::fault("no TLS", "this is a fault of the tool"));
        return;
    };
    let config = &variables.config;
    if variables.can_read(&[
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
    ]) {
        supabase::check(&client, config, findings).await;
    }
    if variables.can_read(&["GOOGLE_CLIENT_SECRET"]) {
        findings.extend(google::check(&client, config).await);
    }
    findings.extend(gemini::check(&client, config).await);
    findings.extend(revid::check(&client, config).await);
    if variables.can_read(&["APP_URL"]) {
        deployment::check(&client, variables, findings).await;
    }
}
