//! Vercel's API: projects, their variables and addresses, and deployments.

mod deployments;
mod variables;

use serde_json::{Value, json};

use super::refusal::vercel as error;
use super::serve::{Answer, Call};
use super::world::World;

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
        ("POST", ["v2", "files"]) => deployments::upload(world, call),
        ("GET", ["v6", "domains", _, "config"]) => (
            200,
            json!({"misconfigured": true, "recommendedCNAME": [], "recommendedIPv4": []}),
        ),
        ("GET", ["v6", "deployments"]) => {
            let newest: Vec<&Value> = world.deployments.iter().rev().collect();
            (200, json!({"deployments": newest}))
        }
        ("POST", ["v13", "deployments"]) => deployments::deploy(world, call.body),
        ("GET", ["v13", "deployments", id]) => deployments::build(world, id),
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
        ("POST", ["env"]) => variables::add(world, call),
        ("PATCH", ["env", id]) => variables::change(world, id, call.body),
        ("GET", ["domains"]) => (200, json!({"domains": world.domains})),
        ("POST", ["domains"]) => add_domain(world, call.body),
        ("GET", ["domains", name]) => match world.domains.iter().find(|one| one["name"] == *name) {
            Some(domain) => (200, domain.clone()),
            None => error(404, "not_found", "Domain not found"),
        },
        _ => error(404, "not_found", "Not found"),
    }
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
