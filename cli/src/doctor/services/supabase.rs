//! Auth and the Data API, asked as the functions ask them.

use platform::config::Config;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::http::{base, send};
use crate::doctor::finding::Finding;

const PROJECT_CURE: &str =
    "compare SUPABASE_URL and the keys with the project's settings, API keys";

pub(super) async fn check(client: &Client, config: &Config, findings: &mut Vec<Finding>) {
    let url = base(&config.supabase.url);
    let keys = client.get(format!("{url}/auth/v1/.well-known/jwks.json"));
    match send(keys).await {
        Ok((status, body)) => findings.push(signing_keys(config, status, &body)),
        Err(error) => {
            findings.push(Finding::fault(
                format!("SUPABASE_URL ({url}) does not answer: {error}"),
                PROJECT_CURE,
            ));
            return;
        }
    }
    let call = |key: &str| {
        let call = client.post(format!("{url}/rest/v1/rpc/pipeline_status"));
        let call = call.header("apikey", key);
        send(call.header("content-profile", "engine").json(&json!({})))
    };
    let secret = config.supabase.secret_key.expose_secret();
    findings.push(match call(secret).await {
        Ok((status, body)) => secret_key(status, &body),
        Err(error) => Finding::fault(
            format!("the Data API does not answer: {error}"),
            PROJECT_CURE,
        ),
    });
    if let Ok((status, body)) = call(&config.supabase.publishable_key).await {
        findings.extend(public_key(status, &body));
    }
}

fn signing_keys(config: &Config, status: u16, body: &Value) -> Finding {
    match status {
        200 if body["keys"].as_array().is_some_and(|keys| !keys.is_empty()) => {
            Finding::fine("access tokens are signed with keys that anybody can check")
        }
        200 if config.supabase.jwt_secret.is_some() => Finding::advice(
            "access tokens are signed with the legacy secret",
            "rotate to an ES256 signing key, then drop SUPABASE_JWT_SECRET",
        ),
        200 => Finding::fault(
            "the project publishes no signing key, so no access token can be checked",
            "rotate to an ES256 signing key in the project's settings, or set SUPABASE_JWT_SECRET",
        ),
        _ => Finding::fault(
            format!("the project's keys are answered with {status}"),
            PROJECT_CURE,
        ),
    }
}

fn secret_key(status: u16, body: &Value) -> Finding {
    let code = body["code"].as_str();
    match (status, code) {
        (200, _) => Finding::fine("the secret key may change state through the schema engine"),
        (_, Some("PGRST106")) => Finding::fault(
            "the Data API does not expose the schema engine",
            "add `engine` to the exposed schemas (project settings, Data API), as supabase/config.toml has it",
        ),
        (_, Some("PGRST202" | "42883")) => Finding::fault(
            "the migrations are not applied",
            "`catalyst migrate up --database-url \"$DATABASE_URL\"`",
        ),
        _ => {
            let code = code.or(body["message"].as_str()).unwrap_or("no code");
            Finding::fault(
                format!("the secret key is answered with {status} ({code})"),
                PROJECT_CURE,
            )
        }
    }
}

fn public_key(status: u16, body: &Value) -> Option<Finding> {
    match status {
        401 | 403 if body["code"] == "42501" => Some(Finding::fine("the public key may not")),
        200 => Some(Finding::fault(
            "the public key may change state through the schema engine",
            "revoke it at once: `revoke all on schema engine from anon, authenticated`",
        )),
        401 => Some(Finding::fault(
            "the public key is not one of this project",
            PROJECT_CURE,
        )),
        _ => None,
    }
}
