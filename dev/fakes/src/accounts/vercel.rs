//! Vercel's API: projects, their variables and addresses, and deployments.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};

use super::world::World;
use super::{Answer, Call};
use crate::hex;

const TEAM: &str = "team_studio";

pub(super) fn answer(world: &mut World, call: &Call<'_>) -> Answer {
    let segments: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
    let of_team = call.query.contains(&format!("teamId={TEAM}"));
    match (call.method, &segments[..]) {
        ("GET", ["v2", "user"]) => (
            200,
            json!({"user": {"id": "user_1", "username": "operator", "defaultTeamId": TEAM}}),
        ),
        ("GET", ["v2", "teams"]) => (
            200,
            json!({"teams": [{"id": TEAM, "slug": "studio", "name": "Studio"}], "pagination": {}}),
        ),
        _ if !of_team => error(403, "forbidden", "Not authorized"),
        ("POST", ["v11", "projects"]) => make(world, call.body),
        ("POST", ["v2", "files"]) => upload(world, call),
        ("GET", ["v6", "domains", _, "config"]) => (
            200,
            json!({"misconfigured": true, "recommendedCNAME": [], "recommendedIPv4": []}),
        ),
        ("GET", ["v6", "deployments"]) => {
            let newest: Vec<&Value> = world.deployments.iter().rev().collect();
            (200, json!({"deployments": newest}))
        }
        ("POST", ["v13", "deployments"]) => deploy(world, call.body),
        ("GET", ["v13", "deployments", id]) => build(world, id),
        (_, [_, "projects", project, rest @ ..]) => {
            let same = |one: &Value| one["id"] == *project || one["name"] == *project;
            let Some(index) = world.sites.iter().position(same) else {
                return error(404, "not_found", "Project not found");
            };
            of_project(world, index, rest, call)
        }
        _ => error(404, "not_found", "Not found"),
    }
}

fn make(world: &mut World, body: &Value) -> Answer {
    if world.sites.iter().any(|one| one["name"] == body["name"]) {
        return error(409, "conflict", "A project with this name already exists");
    }
    let id = format!("prj_{}", world.sites.len() + 1);
    let site = json!({"id": id, "name": body["name"], "framework": body["framework"], "serverlessFunctionRegion": "iad1", "ssoProtection": null});
    world.sites.push(site.clone());
    (200, site)
}

fn of_project(world: &mut World, index: usize, rest: &[&str], call: &Call<'_>) -> Answer {
    match (call.method, rest) {
        ("GET", []) => (200, world.sites[index].clone()),
        ("PATCH", []) => {
            for (name, value) in call.body.as_object().into_iter().flatten() {
                world.sites[index][name] = value.clone();
            }
            (200, world.sites[index].clone())
        }
        ("GET", ["env"]) => (200, json!({"envs": world.variables})),
        ("POST", ["env"]) => add_variables(world, call),
        ("PATCH", ["env", id]) => change_variable(world, id, call.body),
        ("GET", ["domains"]) => (200, json!({"domains": world.domains})),
        ("POST", ["domains"]) => add_domain(world, call.body),
        ("GET", ["domains", name]) => match world.domains.iter().find(|one| one["name"] == *name) {
            Some(domain) => (200, domain.clone()),
            None => error(404, "not_found", "Domain not found"),
        },
        _ => error(404, "not_found", "Not found"),
    }
}

/// A variable as it is told: a sensitive one without its value.
fn keep(world: &mut World, id: &str, body: &Value) -> Value {
    let value = body["value"].as_str().unwrap_or_default().to_owned();
    let mut shown = body.clone();
    shown["id"] = id.into();
    if body["type"] == "sensitive" {
        shown["value"] = "".into();
        world.secrets.push(value.clone());
    }
    world.values.insert(id.to_owned(), value);
    shown
}

fn add_variables(world: &mut World, call: &Call<'_>) -> Answer {
    let (mut created, mut failed) = (Vec::new(), Vec::new());
    for body in call.body.as_array().into_iter().flatten() {
        if world.variables.iter().any(|one| one["key"] == body["key"]) {
            failed.push(json!({"error": {"code": "ENV_CONFLICT", "message": "This variable exists already", "key": body["key"]}}));
            continue;
        }
        let id = format!("env_{}", body["key"].as_str().unwrap_or_default());
        let shown = keep(world, &id, body);
        world.variables.push(shown.clone());
        created.push(shown);
    }
    (201, json!({"created": created, "failed": failed}))
}

fn change_variable(world: &mut World, id: &str, body: &Value) -> Answer {
    let Some(index) = world.variables.iter().position(|one| one["id"] == id) else {
        return error(404, "not_found", "Variable not found");
    };
    world.variables[index] = keep(world, id, body);
    (200, world.variables[index].clone())
}

fn add_domain(world: &mut World, body: &Value) -> Answer {
    let name = body["name"].as_str().unwrap_or_default();
    if world.limits.taken.iter().any(|taken| taken == name)
        || world.domains.iter().any(|one| one["name"] == name)
    {
        return error(
            409,
            "domain_already_in_use",
            "Cannot add the domain: it is used by another project",
        );
    }
    let shared = name.ends_with(".vercel.app");
    let domain = json!({"name": name, "verified": shared, "redirect": null, "gitBranch": null, "customEnvironmentId": null,
        "verification": if shared { json!([]) } else { json!([{"type": "TXT", "domain": "_vercel.example.com", "value": "vc-domain-verify=x"}]) }});
    world.domains.push(domain.clone());
    (200, domain)
}

fn upload(world: &mut World, call: &Call<'_>) -> Answer {
    let real = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, call.bytes).as_ref());
    if real != call.digest {
        return error(400, "bad_request", "The digest is not that of the file");
    }
    if !world.files.contains(&real) {
        world.files.push(real);
    }
    (200, json!({}))
}

fn deploy(world: &mut World, body: &Value) -> Answer {
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
fn build(world: &mut World, id: &str) -> Answer {
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

fn error(status: u16, code: &str, message: &str) -> Answer {
    (status, json!({"error": {"code": code, "message": message}}))
}
