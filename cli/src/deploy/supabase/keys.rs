//! The project's API keys: the public one, and a secret one of our own, which can be withdrawn without touching others.

use reqwest::Method;
use serde_json::{Value, json};

use super::project::Project;
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::{Refusal, stop};

/// The name of the secret key. Supabase takes lower-case letters, digits and underscores.
const SECRET: &str = "content_catalyst";
const PUBLISHABLE: &str = "default";

/// Both keys.
#[derive(Debug, Default)]
pub(in crate::deploy) struct Keys {
    pub(in crate::deploy) publishable: String,
    pub(in crate::deploy) secret: String,
}

/// The keys, made where they are missing.
///
/// # Errors
///
/// When they cannot be read or made.
pub(in crate::deploy) async fn ensure(context: &Context, project: &Project) -> Result<Keys> {
    let failed = |refusal: Refusal| refusal.into_error("read the API keys", &context.report);
    let path = project.path("/api-keys?reveal=true");
    let known = context
        .supabase
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let of_type = |kind: &str, name: Option<&str>| {
        let keys = list(&known).iter().filter(|key| text(key, "type") == kind);
        keys.filter(|key| name.is_none_or(|name| text(key, "name") == name))
            .map(|key| text(key, "api_key").to_owned())
            .next()
    };
    let keys = Keys {
        publishable: match of_type("publishable", None) {
            Some(key) => key,
            None => make(context, project, "publishable", PUBLISHABLE).await?,
        },
        secret: match of_type("secret", Some(SECRET)) {
            Some(key) => key,
            None => make(context, project, "secret", SECRET).await?,
        },
    };
    context.report.hide(&keys.secret);
    if !context.wanted.dry_run && (keys.publishable.is_empty() || keys.secret.is_empty()) {
        return Err(stop(
            "Supabase does not show the project's API keys to this token",
            "take a token of somebody who may see them in the dashboard (Settings, API Keys)",
        ));
    }
    Ok(keys)
}

async fn make(context: &Context, project: &Project, kind: &str, name: &str) -> Result<String> {
    let body = json!({"type": kind, "name": name, "description": "Functions at Vercel"});
    let path = project.path("/api-keys?reveal=true");
    let made = context
        .supabase
        .change(&context.report, Method::POST, &path, body)
        .await;
    let made = made.map_err(|refusal| {
        refusal.into_error(&format!("make the {kind} API key"), &context.report)
    })?;
    if made != Value::Null {
        context
            .report
            .did(&format!("Supabase: made the {kind} API key {name}"));
    }
    Ok(text(&made, "api_key").to_owned())
}
