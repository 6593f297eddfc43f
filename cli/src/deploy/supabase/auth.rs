//! Who gets an account and how, as supabase/config.toml has it for the local stack.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::project::Project;
use crate::Result;
use crate::deploy::api::text;
use crate::deploy::context::Context;

/// Lower case, upper case and digits, in the form of the API.
const CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789";

/// Sets what differs.
///
/// # Errors
///
/// When the settings cannot be read or changed.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    project: &Project,
    app_url: &str,
) -> Result {
    let path = project.path("/config/auth");
    let failed = "change the settings of sign-in";
    let found = context.supabase.get(&path).await;
    let found = found
        .map_err(|refusal| refusal.into_error(failed, &context.report))?
        .unwrap_or_default();
    let front_end = context
        .wanted
        .variables
        .get("FRONTEND_URL")
        .map(String::as_str);
    let wanted = wanted(app_url, front_end, text(&found, "uri_allow_list"));
    let differs = |(name, value): &(&String, &Value)| found[name.as_str()] != **value;
    let changes: Map<String, Value> = wanted
        .iter()
        .filter(differs)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if changes.is_empty() {
        context.report.is("Supabase: sign-in is set up");
    } else {
        let changed = context
            .supabase
            .change(&context.report, Method::PATCH, &path, changes.into())
            .await;
        let changed = changed.map_err(|refusal| refusal.into_error(failed, &context.report))?;
        if changed != Value::Null {
            context
                .report
                .did("Supabase: set up sign-in (confirmed addresses, passwords of 12, redirects)");
        }
    }
    leaked_passwords(context, &path, &found).await
}

/// Refusing passwords that were leaked somewhere; the free plan does not have it.
async fn leaked_passwords(context: &Context, path: &str, found: &Value) -> Result {
    if found["password_hibp_enabled"] == true {
        return Ok(());
    }
    let body = json!({"password_hibp_enabled": true});
    match context
        .supabase
        .change(&context.report, Method::PATCH, path, body)
        .await
    {
        Ok(Value::Null) => Ok(()),
        Ok(_) => {
            context
                .report
                .did("Supabase: passwords that were leaked elsewhere are refused");
            Ok(())
        }
        Err(refusal) if refusal.is_of_the_plan() => {
            context.report.advise(
                "this plan takes passwords that were leaked elsewhere",
                "a paid plan refuses them; the next run turns it on",
            );
            Ok(())
        }
        Err(refusal) => Err(refusal.into_error("refuse leaked passwords", &context.report)),
    }
}

fn wanted(app_url: &str, front_end: Option<&str>, redirects: &str) -> Map<String, Value> {
    let settings = json!({
        // The page /agents, on which users let programs in, is on our own origin.
        "site_url": app_url,
        "uri_allow_list": with_ours(redirects, [Some(app_url), front_end]),
        "disable_signup": false,
        "external_email_enabled": true,
        "external_anonymous_users_enabled": false,
        "mailer_autoconfirm": false,
        "mailer_allow_unverified_email_sign_ins": false,
        "mailer_secure_email_change_enabled": true,
        "password_min_length": 12,
        "password_required_characters": CHARACTERS,
        "security_update_password_require_reauthentication": true,
        "refresh_token_rotation_enabled": true,
        "security_refresh_token_reuse_interval": 10,
        "jwt_exp": 3600,
        "oauth_server_enabled": true,
        "oauth_server_allow_dynamic_registration": true,
        "oauth_server_authorization_path": "/agents",
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

/// The redirects that are allowed already, and every page of our own origins.
fn with_ours(known: &str, origins: [Option<&str>; 2]) -> String {
    let mut all: Vec<String> = known
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    for origin in origins.into_iter().flatten() {
        let pattern = format!("{}/**", origin.trim_end_matches('/'));
        if !all.contains(&pattern) {
            all.push(pattern);
        }
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::with_ours;

    #[test]
    fn redirects_of_others_stay_and_none_stands_twice() {
        let origins = [
            Some("https://api.example.com"),
            Some("https://app.example.com/"),
        ];
        let once = with_ours("https://other.example.com", origins);
        assert_eq!(
            once,
            "https://other.example.com,https://api.example.com/**,https://app.example.com/**"
        );
        assert_eq!(with_ours(&once, origins), once);
    }
}
