//! Files, and the deployments that are built from them.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};

use crate::accounts::refusal::vercel as error;
use crate::accounts::serve::{Answer, Call};
use crate::accounts::world::World;
use crate::hex;

pub(super) fn upload(world: &mut World, call: &Call<'_>) -> Answer {
    let real = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, call.bytes).as_ref());
    if real != call.digest {
        return error(400, "bad_request", "The digest is not that of the file");
    }
    if !world.files.contains(&real) {
        world.files.push(real);
    }
    (200, json!({}))
}

pub(super) fn deploy(world: &mut World, body: &Value) -> Answer {
    let digests = body["files"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|file| &file["sha"]);
    let missing: Vec<&Value> = digests
        .filter(|digest| !world.files.iter().any(|known| *digest == known))
        .collect();
    if !missing.is_empty() {
        let error = json!({"error": {"code": "missing_files", "message": "Missing files", "missing": missing}});
        return (400, error);
    }
    let id = format!("dpl_{}", world.deployments.len() + 1);
    let deployment = json!({"id": id, "uid": id, "name": body["name"], "target": body["target"], "readyState": "QUEUED", "meta": body["meta"]});
    world.deployments.push(deployment.clone());
    (200, deployment)
}

/// Each look brings a build one step further.
pub(super) fn build(world: &mut World, id: &str) -> Answer {
    let broken = world.limits.broken_build;
    let Some(deployment) = world.deployments.iter_mut().find(|one| one["id"] == id) else {
        return error(404, "not_found", "Deployment not found");
    };
    let next = match deployment["readyState"].as_str() {
        Some("QUEUED") => "BUILDING",
        Some("BUILDING") if broken => "ERROR",
        Some("BUILDING") => "READY",
        _ => return (200, deployment.clone()),
    };
    deployment["readyState"] = next.into();
    if next == "ERROR" {
        deployment["errorMessage"] = "Command \"cargo build\" exited with 101".into();
        deployment["inspectorUrl"] = "https://vercel.com/studio/x/dpl".into();
    }
    if next == "READY"
        && let Some(site) = world.sites.last_mut()
    {
        site["targets"] = json!({"production": {"id": id}});
    }
    (
        200,
        world
            .deployments
            .iter()
            .find(|one| one["id"] == id)
            .cloned()
            .unwrap_or_default(),
    )
}
