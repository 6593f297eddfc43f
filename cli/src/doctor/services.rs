//! What the services say that the variables name, asked as the functions ask them.

use std::time::Duration;

use platform::config::Config;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{deployment, finding::Finding, variables::Variables};
use crate::http::{self, base, is_loopback, send};

const PROJECT_CURE: &str =
    "compare SUPABASE_URL and the keys with the project's settings, API keys";

/// Asks every service whose variables can be read.
pub(super) async fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let Ok(client) = http::client(Duration::from_secs(15)) else {
        findings.push(Finding::fault("no TLS", "this is a fault of the tool"));
        return;
    };
    let config = &variables.config;
    let project = [
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
    ];
    if variables.can_read(&project) {
        supabase(&client, config, findings).await;
    }
    if variables.can_read(&["GOOGLE_CLIENT_SECRET"]) {
        findings.extend(google(&client, config).await);
    }
    findings.extend(gemini(&client, config).await);
    findings.extend(revid(&client, config).await);
    if variables.can_read(&["APP_URL"]) {
        deployment::check(&client, variables, findings).await;
    }
}

async fn supabase(client: &Client, config: &Config, findings: &mut Vec<Finding>) {
    let url = base(&config.supabase.url);
    match send(client.get(format!("{url}/auth/v1/.well-known/jwks.json"))).await {
        Ok((status, body)) => findings.push(signing_keys(config, status, &body)),
        Err(error) => {
            let what = format!("SUPABASE_URL ({url}) does not answer: {error}");
            findings.push(Finding::fault(what, PROJECT_CURE));
            return;
        }
    }
    let call = |key: &str| {
        let call = client.post(format!("{url}/rest/v1/rpc/pipeline_status"));
        let call = call
            .header("apikey", key)
            .header("content-profile", "engine");
        send(call.json(&json!({})))
    };
    let secret = config.supabase.secret_key.expose_secret();
    findings.push(match call(secret).await {
        Ok((status, body)) => secret_key(status, &body),
        Err(error) => {
            let what = format!("the Data API does not answer: {error}");
            Finding::fault(what, PROJECT_CURE)
        }
    });
    let key = &config.supabase.publishable_key;
    if let Ok((status, body)) = call(key).await {
        findings.extend(public_key(status, &body));
    }
    let server = format!("{url}/auth/v1/.well-known/oauth-authorization-server");
    if let Ok((status, body)) = send(client.get(server)).await {
        findings.push(oauth_server(status, &body));
    }
    let settings = client.get(format!("{url}/auth/v1/settings"));
    if let Ok((200, settings)) = send(settings.header("apikey", key)).await
        && !is_loopback(&config.supabase.url)
    {
        findings.extend(sign_ups(&settings));
    }
}

/// Whether programs that act for users can get tokens.
fn oauth_server(status: u16, body: &Value) -> Finding {
    if status == 200 && body["registration_endpoint"].is_string() {
        return Finding::fine("programs may register, and ask users for access (docs/mcp.md)");
    }
    Finding::advice(
        "no program can connect to /api/mcp",
        "turn on the OAuth server with dynamic registration and the path /agents, as supabase/config.toml has it, if some should",
    )
}

/// Who gets an account, as far as Auth tells it; the rules of passwords it keeps to itself.
fn sign_ups(settings: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings["mailer_autoconfirm"] == true {
        findings.push(Finding::fault(
            "accounts are made without asking whether the e-mail address is the caller's",
            "turn on `Confirm email` (Authentication, Sign In / Providers, Email), as supabase/config.toml has it",
        ));
    }
    if settings["external"]["anonymous_users"] == true {
        findings.push(Finding::fault(
            "anybody gets an account without an e-mail address",
            "turn off anonymous sign-ins (Authentication, Sign In / Providers), as supabase/config.toml has it",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine("accounts are for confirmed e-mail addresses"));
    }
    findings
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
        _ => {
            let what = format!("the project's keys are answered with {status}");
            Finding::fault(what, PROJECT_CURE)
        }
    }
}

fn secret_key(status: u16, body: &Value) -> Finding {
    match (status, body["code"].as_str()) {
        (200, _) => Finding::fine("the secret key may change state through the schema engine"),
        (_, Some("PGRST106")) => Finding::fault(
            "the Data API does not expose the schema engine",
            "add `engine` to the exposed schemas (project settings, Data API), as supabase/config.toml has it",
        ),
        (_, Some("PGRST202" | "42883")) => Finding::fault(
            "the migrations are not applied",
            "`catalyst migrate up --database-url \"$DATABASE_URL\"`",
        ),
        (_, code) => {
            let code = code.or(body["message"].as_str()).unwrap_or("no code");
            let what = format!("the secret key is answered with {status} ({code})");
            Finding::fault(what, PROJECT_CURE)
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
        401 => {
            let what = "the public key is not one of this project";
            Some(Finding::fault(what, PROJECT_CURE))
        }
        _ => None,
    }
}

/// Whether Google knows the OAuth client. A made-up code is refused for itself only when client and secret are right.
pub(super) async fn google(client: &Client, config: &Config) -> Option<Finding> {
    let google = config.google.as_ref()?;
    let redirect = format!("{}/api/channels/callback", base(&config.app.url));
    let call = client.post(format!("{}/token", base(&google.oauth_url)));
    let call = call.form(&[
        ("grant_type", "authorization_code"),
        ("code", "catalyst-doctor"),
        ("client_id", &google.client_id),
        ("client_secret", google.client_secret.expose_secret()),
        ("redirect_uri", &redirect),
    ]);
    Some(match send(call).await {
        Ok((status, body)) => match body["error"].as_str() {
            Some("invalid_grant") => Finding::fine("Google knows the OAuth client and its secret"),
            Some("redirect_uri_mismatch") => Finding::fault(
                format!("Google's OAuth client does not have the redirect URI {redirect}"),
                "add it to the client's authorised redirect URIs",
            ),
            reason => Finding::fault(
                format!(
                    "Google refuses the OAuth client: {status} {}",
                    reason.unwrap_or("without a reason")
                ),
                "compare GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET with the client at Google",
            ),
        },
        Err(error) => not_asked("Google", &error),
    })
}

/// Whether Gemini takes the key, and has the model. Listing models costs nothing.
pub(super) async fn gemini(client: &Client, config: &Config) -> Option<Finding> {
    let gemini = config.gemini.as_ref()?;
    let url = format!(
        "{}/{}/models?pageSize=1000",
        base(&gemini.url),
        gemini.api_version
    );
    let call = client
        .get(url)
        .header("x-goog-api-key", gemini.api_key.expose_secret());
    Some(match send(call).await {
        Ok((200, body)) => match gemini.model.as_deref().filter(|model| !lists(&body, model)) {
            Some(model) => Finding::fault(
                format!("Gemini has no model {model} for this key"),
                "set GEMINI_MODEL to one that it lists, or take it out for the default",
            ),
            None => Finding::fine("Gemini takes the key"),
        },
        Ok((status @ (400 | 401 | 403), _)) => Finding::fault(
            format!("Gemini refuses GEMINI_API_KEY with {status}"),
            "make a key at Google AI Studio; a key with restrictions must allow the Generative Language API",
        ),
        Ok((status, _)) => unsure("Gemini", status),
        Err(error) => not_asked("Gemini", &error),
    })
}

fn lists(body: &Value, model: &str) -> bool {
    let name = format!("models/{model}");
    let models = body["models"].as_array();
    models.is_some_and(|models| models.iter().any(|each| each["name"] == name.as_str()))
}

/// Whether RevID takes the key. Listing projects costs nothing.
pub(super) async fn revid(client: &Client, config: &Config) -> Option<Finding> {
    let revid = config.revid.as_ref()?;
    let call = client.get(format!(
        "{}/api/public/v3/projects?limit=1",
        base(&revid.url)
    ));
    Some(
        match send(call.header("key", revid.api_key.expose_secret())).await {
            Ok((200, _)) => Finding::fine("RevID takes the key"),
            Ok((status @ (401 | 403), _)) => Finding::fault(
                format!("RevID refuses REVID_API_KEY with {status}"),
                "copy the key from the RevID account",
            ),
            Ok((status, _)) => unsure("RevID", status),
            Err(error) => not_asked("RevID", &error),
        },
    )
}

/// It answers, but neither yes nor no.
fn unsure(name: &str, status: u16) -> Finding {
    Finding::advice(format!("{name} answers {status}"), "run this again later")
}

fn not_asked(name: &str, error: &reqwest::Error) -> Finding {
    let what = format!("{name} could not be asked: {error}");
    Finding::advice(what, "run this where the internet can be reached")
}

#[cfg(test)]
mod tests;
