//! Access tokens are signed with a key whose public half anybody can read.
//!
//! New projects have one. An older one takes three changes, each of which is looked for first: its secret becomes a key, a new key
//! stands by, and is then used. Tokens of the old key stay good until they end.

use reqwest::Method;
use serde_json::{Value, json};

use super::project::Project;
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::Refusal;

/// What the functions can check.
const GOOD: [&str; 2] = ["ES256", "RS256"];

/// Changes to such a key where there is none.
///
/// # Errors
///
/// When the keys cannot be read or changed. Supabase takes one change in five minutes.
pub(in crate::deploy) async fn ensure(context: &Context, project: &Project) -> Result {
    let path = project.path("/config/auth/signing-keys");
    let failed = |refusal: Refusal| {
        refusal.into_error("change the key that signs access tokens", &context.report)
    };
    let found = context
        .supabase
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let keys = list(&found["keys"]);
    let is_good = |key: &&Value| GOOD.contains(&text(key, "algorithm"));
    let in_use = keys.iter().find(|key| text(key, "status") == "in_use");
    if in_use.as_ref().is_some_and(is_good) {
        context
            .report
            .is("Supabase: access tokens are signed with an asymmetric key");
        return Ok(());
    }
    let change = async |method, path: &str, body| {
        let changed = context.supabase.change(&context.report, method, path, body);
        changed.await.map_err(failed)
    };
    if in_use.is_none() {
        change(Method::POST, &format!("{path}/legacy"), Value::Null).await?;
    }
    let standby = keys
        .iter()
        .find(|key| text(key, "status") == "standby" && is_good(key));
    let id = match standby {
        Some(key) => text(key, "id").to_owned(),
        None => {
            let made = change(
                Method::POST,
                &path,
                json!({"algorithm": "ES256", "status": "standby"}),
            )
            .await?;
            text(&made, "id").to_owned()
        }
    };
    let used = change(
        Method::PATCH,
        &format!("{path}/{id}"),
        json!({"status": "in_use"}),
    )
    .await?;
    if used != Value::Null {
        context
            .report
            .did("Supabase: access tokens are signed with an ES256 key from now on");
    }
    Ok(())
}
