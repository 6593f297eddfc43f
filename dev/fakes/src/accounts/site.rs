//! What answers at the deployment's address, and at the project's: as much as shows that the one fits the other.

use serde_json::{Value, json};

use super::serve::{Answer, Call};
use super::world::World;

pub(super) fn answer(world: &mut World, call: &Call<'_>) -> Answer {
    if let Some(path) = call.path.strip_prefix("/auth/v1/") {
        return auth(world, path);
    }
    if call.path.starts_with("/rest/v1/") {
        let secret = call.digest.starts_with("sb_secret_");
        return if secret {
            (200, json!([]))
        } else {
            (401, json!({"code": "42501"}))
        };
    }
    if !world
        .deployments
        .iter()
        .any(|one| one["readyState"] == "READY")
    {
        return (
            404,
            json!({"error": {"code": "DEPLOYMENT_NOT_FOUND", "message": "The deployment could not be found"}}),
        );
    }
    match call.path {
        "/api/health" => (
            200,
            json!({"status": "healthy", "services": {"database": {"response_time": 4}}, "work": {}}),
        ),
        "/api/config" => (200, json!({"supabase_url": world.variable("SUPABASE_URL")})),
        "/api/me" => (401, json!({"code": "unauthenticated"})),
        "/api/cron/dispatch" => {
            let good = world
                .variable("CRON_SECRET")
                .is_some_and(|secret| secret == call.digest);
            (if good { 202 } else { 401 }, Value::Null)
        }
        "/openapi.json" | "/vendor/supabase.js" => (200, json!({})),
        _ => (404, json!({"code": "not_found"})),
    }
}

fn auth(world: &World, path: &str) -> Answer {
    let project = world.projects.last();
    match path {
        ".well-known/jwks.json" => {
            let keys = project.and_then(|one| one["signing_keys"].as_array());
            let public = keys
                .into_iter()
                .flatten()
                .filter(|key| key["algorithm"] == "ES256");
            (200, json!({"keys": public.collect::<Vec<_>>()}))
        }
        ".well-known/oauth-authorization-server" => {
            (200, json!({"registration_endpoint": "/register"}))
        }
        "settings" => (
            200,
            json!({"mailer_autoconfirm": project.map(|one| &one["auth"]["mailer_autoconfirm"]), "external": {}}),
        ),
        _ => (404, Value::Null),
    }
}
