//! A deployment that the platform builds from our files, once for the same files and variables.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::files::{self, Upload};
use super::project::Site;
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::{Refusal, stop};
use crate::deploy::variables::Variable;
use crate::sha256::checksum;

/// Uploads at once.
const AT_ONCE: usize = 8;

/// The deployment's own note of what it was made from.
const NOTE: &str = "catalystDeploy";

/// Deploys, unless what is deployed is the same, and waits until it is up.
///
/// # Errors
///
/// When the platform refuses it, or its build fails.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    site: &Site,
    variables: &[Variable],
) -> Result {
    let files = files::all(context.checkout.root()).await?;
    let note = note(&files, variables);
    let id = match newest(context, site, &note).await? {
        Some(id) => id,
        None => {
            let deployed = deploy(context, site, &files, &note).await?;
            if context.wanted.dry_run {
                return Ok(());
            }
            context
                .report
                .did(&format!("Vercel: deployed {} files", files.len()));
            text(&deployed, "id").to_owned()
        }
    };
    if context.wanted.dry_run {
        context.report.is("Vercel: this is deployed already");
        return Ok(());
    }
    let what = format!("Vercel: the deployment {id} is built");
    context
        .until(&what, async || ready(context, &id).await)
        .await?;
    context
        .report
        .is(&format!("Vercel: the deployment {id} is ready"));
    Ok(())
}

/// What a deployment is made from: the same files and variables give the same note.
fn note(files: &[Upload], variables: &[Variable]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|one| format!("{} {} {:o}", one.path, one.digest, one.mode))
        .collect();
    lines.extend(
        variables
            .iter()
            .map(|one| format!("{}={}", one.name, one.fingerprint())),
    );
    lines.sort();
    checksum(lines.join("\n").as_bytes())
}

/// The newest production deployment, if it has this note and did not fail. One that is still built was left by a run before.
async fn newest(context: &Context, site: &Site, note: &str) -> Result<Option<String>> {
    let path = format!(
        "/v6/deployments?projectId={}&target=production&limit=10",
        site.id
    );
    let found = context.vercel.get(&path).await;
    let found = found.map_err(|refusal| refusal.into_error("list deployments", &context.report))?;
    let found = found.unwrap_or_default();
    let failed = |one: &&Value| !["ERROR", "CANCELED", "DELETED"].contains(&state(one));
    let newest = list(&found["deployments"]).iter().find(failed);
    Ok(newest
        .filter(|one| text(&one["meta"], NOTE) == note)
        .map(|one| text(one, "uid").to_owned()))
}

fn state(deployment: &Value) -> &str {
    match text(deployment, "readyState") {
        "" => text(deployment, "state"),
        state => state,
    }
}

async fn deploy(context: &Context, site: &Site, files: &[Upload], note: &str) -> Result<Value> {
    let failed = |refusal: Refusal| refusal.into_error("deploy", &context.report);
    let listed: Vec<Value> = files
        .iter()
        .map(
            |one| json!({"file": one.path, "sha": one.digest, "size": one.bytes, "mode": one.mode}),
        )
        .collect();
    let body = json!({
        "name": context.wanted.name,
        "project": site.id,
        "target": "production",
        "files": listed,
        "meta": {NOTE: note},
        "projectSettings": {"framework": null},
    });
    let path = "/v13/deployments?skipAutoDetectionConfirmation=1";
    let deploy = || {
        context
            .vercel
            .change(&context.report, Method::POST, path, body.clone())
    };
    match deploy().await {
        Err(refusal) if refusal.code() == "missing_files" => {
            let missing = list(&refusal.body["error"]["missing"])
                .iter()
                .filter_map(Value::as_str);
            upload(context, files, missing.map(str::to_owned).collect()).await?;
            deploy().await.map_err(failed)
        }
        answer => answer.map_err(failed),
    }
}

/// Sends the files that the platform has not seen yet.
async fn upload(context: &Context, files: &[Upload], missing: Vec<String>) -> Result {
    context
        .report
        .say(&format!("wait    Vercel: {} files are sent", missing.len()));
    let send = async |digest: String| -> Result {
        let Some(file) = files.iter().find(|one| one.digest == digest) else {
            return Err(stop(
                "Vercel asks for a file that was not named",
                "try again",
            ));
        };
        let bytes = files::read(context.checkout.root(), &file.path)?;
        let sent = context.vercel.upload(&file.digest, bytes).await;
        sent.map_err(|refusal| refusal.into_error(&format!("send {}", file.path), &context.report))
    };
    stream::iter(missing)
        .map(send)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn ready(context: &Context, id: &str) -> Result<Option<()>> {
    let found = context.vercel.get(&format!("/v13/deployments/{id}")).await;
    let found =
        found.map_err(|refusal| refusal.into_error("look at the deployment", &context.report))?;
    let found = found.unwrap_or_default();
    match state(&found) {
        "READY" => Ok(Some(())),
        "ERROR" | "CANCELED" => {
            let reason = match text(&found, "errorMessage") {
                "" => "no reason given",
                reason => reason,
            };
            let place = text(&found, "inspectorUrl");
            Err(stop(
                format!("Vercel: the build failed: {reason}"),
                &format!("the deployment before it still serves. The log is at {place}"),
            ))
        }
        _ => Ok(None),
    }
}
