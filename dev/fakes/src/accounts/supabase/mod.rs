//! Supabase's Management API: the calls by which a project is made and set up.

mod keys;

use serde_json::{Value, json};

use super::refusal::supabase as error;
use super::serve::{Answer, Call};
use super::world::World;

const ORGANIZATION: &str = "studio";

pub(super) fn answer(world: &mut World, call: &Call<'_>) -> Answer {
    match (call.method, call.path) {
        ("GET", "/v1/organizations") => (
            200,
            json!([{"id": ORGANIZATION, "slug": ORGANIZATION, "name": "Studio"}]),
        ),
        ("GET", "/v1/projects") => (200, world.projects.iter().map(shown).collect()),
        ("POST", "/v1/projects") => make(world, call.body),
        (_, path) => {
            let rest = path.strip_prefix("/v1/projects/").unwrap_or_default();
            let (reference, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let Some(index) = world
                .projects
                .iter()
                .position(|one| one["ref"] == reference)
            else {
                return error(404, "Project not found");
            };
            of_project(world, index, rest, call)
        }
    }
}

fn make(world: &mut World, body: &Value) -> Answer {
    if world.limits.no_project {
        return error(
            400,
            "The following organization members have reached their maximum limits for the number of active free projects",
        );
    }
    let region = &body["region_selection"]["code"];
    if body["organization_slug"] != ORGANIZATION
        || !region.is_string()
        || body["db_pass"].as_str().is_none_or(str::is_empty)
    {
        return error(400, "body is invalid");
    }
    world
        .secrets
        .extend(body["db_pass"].as_str().map(str::to_owned));
    let letter = char::from(b'a' + u8::try_from(world.projects.len()).unwrap_or_default());
    let reference = format!("abcdefghijklmnopqrs{letter}");
    world.projects.push(json!({
        "id": reference, "ref": reference, "name": body["name"], "organization_slug": ORGANIZATION, "region": region,
        "status": "COMING_UP", "looks": 0, "db_pass": body["db_pass"],
        "keys": [{"id": "1", "type": "publishable", "name": "default", "api_key": "sb_publishable_stand-in"}],
        "postgrest": {"db_schema": "public,graphql_public", "max_rows": 1000, "db_extra_search_path": "public, extensions", "db_pool": null},
        "auth": {"site_url": "http://localhost:3000", "uri_allow_list": "", "mailer_autoconfirm": true, "password_min_length": 6, "smtp_host": null},
        "signing_keys": [{"id": "key_1", "algorithm": "HS256", "status": "in_use"}],
        "storage": {"fileSizeLimit": 52_428_800},
    }));
    (201, shown(&world.projects[world.projects.len() - 1]))
}

fn shown(project: &Value) -> Value {
    let field = |name: &str| (name.to_owned(), project[name].clone());
    ["id", "ref", "name", "organization_slug", "region", "status"]
        .map(field)
        .into_iter()
        .collect()
}

fn of_project(world: &mut World, index: usize, rest: &str, call: &Call<'_>) -> Answer {
    let free = world.limits.free_plan;
    let database = world.database.clone();
    let project = &mut world.projects[index];
    if !rest.is_empty() && rest != "restore" && project["status"] != "ACTIVE_HEALTHY" {
        return error(400, "Project is not ready");
    }
    match (call.method, rest) {
        ("GET", "") => {
            let looks = project["looks"].as_u64().unwrap_or_default();
            if project["status"] == "COMING_UP" && looks > 0 {
                project["status"] = "ACTIVE_HEALTHY".into();
            }
            project["looks"] = (looks + 1).min(2).into();
            (200, shown(project))
        }
        ("POST", "restore") => {
            project["status"] = "COMING_UP".into();
            (200, Value::Null)
        }
        ("GET", "api-keys") => (200, project["keys"].clone()),
        ("POST", "api-keys") => keys::add(world, index, call.body),
        ("POST", "cli/login-role") => (
            201,
            json!({"role": database.user, "password": database.password, "ttl_seconds": 300}),
        ),
        ("GET", "config/database/pooler") => {
            let user = "postgres";
            (
                200,
                json!([{"database_type": "PRIMARY", "db_host": "127.0.0.1", "db_port": database.port, "db_name": database.name,
                "db_user": user, "pool_mode": "session"}]),
            )
        }
        ("GET" | "PATCH", "postgrest") => merged(&mut project["postgrest"], call),
        ("PATCH", "config/auth") if free && call.body["password_hibp_enabled"] == true => error(
            402,
            "Configuring leaked password protection via HaveIBeenPwned.org is available on Pro Plans and up.",
        ),
        ("GET" | "PATCH", "config/auth") => merged(&mut project["auth"], call),
        ("PATCH", "config/storage") if free => {
            error(400, "fileSizeLimit exceeds the maximum of your plan")
        }
        ("GET" | "PATCH", "config/storage") => merged(&mut project["storage"], call),
        (_, rest) => match rest.strip_prefix("config/auth/signing-keys") {
            Some(rest) => keys::signing(project, rest, call),
            None => error(404, "Not found"),
        },
    }
}

/// Settings that are read, and changed field by field.
fn merged(settings: &mut Value, call: &Call<'_>) -> Answer {
    if call.method == "PATCH" {
        for (name, value) in call.body.as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
    }
    (200, settings.clone())
}
