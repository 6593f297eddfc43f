//! The Vercel project: found by its name, or made, and set up.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::Result;
use crate::deploy::api::{NEW, list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::{Refusal, stop};
use crate::deploy::variables::TOKEN_KEYS;

/// A project.
#[derive(Clone, Debug)]
pub(in crate::deploy) struct Site {
    pub(in crate::deploy) id: String,
}

/// The project of this name, as it is; asked before anything is made anywhere, as the name may hold something else.
///
/// # Errors
///
/// When it does, and nobody said that it may.
pub(in crate::deploy) async fn find(context: &Context) -> Result<Option<Value>> {
    let name = &context.wanted.name;
    let failed = |refusal: Refusal| refusal.into_error("look for the project", &context.report);
    let found = context
        .vercel
        .get(&format!("/v9/projects/{name}"))
        .await
        .map_err(failed)?;
    let Some(project) = found else {
        return Ok(None);
    };
    let deployed = project
        .pointer("/targets/production")
        .is_some_and(|one| !one.is_null());
    if deployed && !context.wanted.use_existing {
        let path = format!("/v10/projects/{}/env", text(&project, "id"));
        let variables = context
            .vercel
            .get(&path)
            .await
            .map_err(failed)?
            .unwrap_or_default();
        let is_ours = |one: &Value| text(one, "key") == TOKEN_KEYS;
        if !list(&variables["envs"]).iter().any(is_ours) {
            return Err(stop(
                format!("the Vercel project {name} serves something else"),
                "give another --name, or --use-existing if this is to replace it; nothing was changed",
            ));
        }
    }
    Ok(Some(project))
}

/// The project, set up.
///
/// # Errors
///
/// When it cannot be made or changed.
pub(in crate::deploy) async fn ensure(context: &Context, found: Option<Value>) -> Result<Site> {
    let name = &context.wanted.name;
    let project = match found {
        Some(project) => project,
        None => make(context).await?,
    };
    let id = match text(&project, "id") {
        "" => NEW.to_owned(),
        id => id.to_owned(),
    };
    settings(context, &id, &project).await?;
    context.report.is(&format!("Vercel: project {name} ({id})"));
    Ok(Site { id })
}

async fn make(context: &Context) -> Result<Value> {
    let name = &context.wanted.name;
    let body = json!({"name": name});
    let made = context
        .vercel
        .change(&context.report, Method::POST, "/v11/projects", body)
        .await;
    let made = made.map_err(|refusal| {
        refusal.into_error(&format!("make the project {name}"), &context.report)
    })?;
    if made != Value::Null {
        context
            .report
            .did(&format!("Vercel: made the project {name}"));
    }
    Ok(made)
}

/// Functions beside the database; whoever looks at a preview must be of the team, while the production address is open to all.
async fn settings(context: &Context, id: &str, project: &Value) -> Result {
    let text =
        std::fs::read_to_string(context.checkout.root().join("vercel.json")).unwrap_or_default();
    let file: Value = serde_json::from_str(&text).unwrap_or_default();
    let protection = "prod_deployment_urls_and_all_previews";
    let wanted = json!({
        "serverlessFunctionRegion": file["regions"][0],
        "ssoProtection": {"deploymentType": protection},
        "autoExposeSystemEnvs": true,
        "gitForkProtection": true,
    });
    let same = |name: &str, value: &Value| match name {
        "ssoProtection" => project[name]["deploymentType"] == protection,
        _ => project[name] == *value,
    };
    let wanted = wanted.as_object().into_iter().flatten();
    let changes: Map<String, Value> = wanted
        .filter(|(name, value)| !value.is_null() && !same(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    let path = format!("/v9/projects/{id}");
    let changed = context
        .vercel
        .change(&context.report, Method::PATCH, &path, changes.into())
        .await;
    let changed =
        changed.map_err(|refusal| refusal.into_error("set the project up", &context.report))?;
    if changed != Value::Null {
        context
            .report
            .did("Vercel: functions run beside the database, and previews are for the team alone");
    }
    Ok(())
}
