//! What the services say that the variables name.

use std::time::Duration;

use jiff::Timestamp;
use platform::config::Config;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Finding, paper::Paper};

const PROJECT_CURE: &str =
    "compare SUPABASE_URL and the keys with the project's settings, API keys";

/// A round trip to a database in the same region takes a few milliseconds.
const FAR_MILLISECONDS: u64 = 60;

/// Without a verified backup for longer than this, the watchdog raises an alert too.
const BACKUP_AGE: Duration = Duration::from_secs(26 * 3600);

pub(super) async fn examine(paper: &Paper<'_>, findings: &mut Vec<Finding>) {
    let Ok(client) = clients::tls::client_builder()
        .timeout(Duration::from_secs(15))
        // RevID's front door refuses callers that do not say who they are.
        .user_agent(concat!("catalyst-doctor/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .build()
    else {
        findings.push(Finding::fault("no TLS", "this is a fault of the tool"));
        return;
    };
    let config = &paper.config;
    if paper.sound(&[
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
    ]) {
        supabase(&client, config, findings).await;
    }
    if paper.sound(&["GOOGLE_CLIENT_SECRET"]) {
        google(&client, config, findings).await;
    }
    gemini(&client, config, findings).await;
    revid(&client, config, findings).await;
    if paper.sound(&["APP_URL"]) {
        deployment(&client, paper, findings).await;
    }
}

/// Auth and the Data API, asked as the functions ask them.
async fn supabase(client: &reqwest::Client, config: &Config, findings: &mut Vec<Finding>) {
    let base = trimmed(&config.supabase.url);
    match json_of(client.get(format!("{base}/auth/v1/.well-known/jwks.json"))).await {
        Ok((200, body)) if body["keys"].as_array().is_some_and(|keys| !keys.is_empty()) => {
            findings.push(Finding::fine(
                "access tokens are signed with keys that anybody can check",
            ));
        }
        Ok((200, _)) if config.supabase.jwt_secret.is_some() => findings.push(Finding::advice(
            "access tokens are signed with the legacy secret",
            "rotate to an ES256 signing key, then drop SUPABASE_JWT_SECRET",
        )),
        Ok((200, _)) => findings.push(Finding::fault(
            "the project publishes no signing key, so no access token can be checked",
            "rotate to an ES256 signing key in the project's settings, or set SUPABASE_JWT_SECRET",
        )),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the project's keys are answered with {status}"),
            PROJECT_CURE,
        )),
        Err(error) => {
            findings.push(Finding::fault(
                format!("SUPABASE_URL ({base}) does not answer: {error}"),
                PROJECT_CURE,
            ));
            return;
        }
    }
    let rpc = |key: &str| {
        client
            .post(format!("{base}/rest/v1/rpc/pipeline_status"))
            .header("apikey", key)
            .header("content-profile", "engine")
            .json(&json!({}))
    };
    match json_of(rpc(config.supabase.secret_key.expose_secret())).await {
        Ok((200, _)) => findings.push(Finding::fine(
            "the secret key may change state through the schema engine",
        )),
        Ok((_, body)) if body["code"] == "PGRST106" => findings.push(Finding::fault(
            "the Data API does not expose the schema engine",
            "add `engine` to the exposed schemas (project settings, Data API), as supabase/config.toml has it",
        )),
        Ok((_, body)) if body["code"] == "PGRST202" || body["code"] == "42883" => {
            findings.push(Finding::fault(
                "the migrations are not applied",
                "`catalyst migrate up --database-url \"$DATABASE_URL\"`",
            ));
        }
        Ok((status, body)) => {
            let code = body["code"]
                .as_str()
                .or(body["message"].as_str())
                .unwrap_or("no code")
                .to_owned();
            findings.push(Finding::fault(
                format!("the secret key is answered with {status} ({code})"),
                PROJECT_CURE,
            ));
        }
        Err(error) => findings.push(Finding::fault(
            format!("the Data API does not answer: {error}"),
            PROJECT_CURE,
        )),
    }
    match json_of(rpc(&config.supabase.publishable_key)).await {
        Ok((401 | 403, body)) if body["code"] == "42501" => {
            findings.push(Finding::fine("the public key may not"));
        }
        Ok((200, _)) => findings.push(Finding::fault(
            "the public key may change state through the schema engine",
            "revoke it at once: `revoke all on schema engine from anon, authenticated`",
        )),
        Ok((401, _)) => findings.push(Finding::fault(
            "the public key is not one of this project",
            PROJECT_CURE,
        )),
        _ => {}
    }
}

/// Whether Google knows the OAuth client. A made-up code is refused for itself only when client and secret are right.
async fn google(client: &reqwest::Client, config: &Config, findings: &mut Vec<Finding>) {
    let Some(google) = &config.google else { return };
    let redirect = format!("{}/api/channels/callback", trimmed(&config.app.url));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "catalyst-doctor"),
        ("client_id", &google.client_id),
        ("client_secret", google.client_secret.expose_secret()),
        ("redirect_uri", &redirect),
    ];
    let asked = client
        .post(format!("{}/token", trimmed(&google.oauth_url)))
        .form(&form);
    findings.push(match json_of(asked).await {
        Ok((_, body)) if body["error"] == "invalid_grant" => {
            Finding::fine("Google knows the OAuth client and its secret")
        }
        Ok((_, body)) if body["error"] == "redirect_uri_mismatch" => Finding::fault(
            format!("Google's OAuth client does not have the redirect URI {redirect}"),
            "add it to the client's authorised redirect URIs",
        ),
        Ok((status, body)) => Finding::fault(
            format!(
                "Google refuses the OAuth client: {status} {}",
                body["error"].as_str().unwrap_or("without a reason")
            ),
            "compare GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET with the client at Google",
        ),
        Err(error) => Finding::advice(
            format!("Google could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    });
}

/// Whether Gemini takes the key, and has the model. Listing models costs nothing.
async fn gemini(client: &reqwest::Client, config: &Config, findings: &mut Vec<Finding>) {
    let Some(gemini) = &config.gemini else { return };
    let asked = client
        .get(format!(
            "{}/{}/models?pageSize=1000",
            trimmed(&gemini.url),
            gemini.api_version
        ))
        .header("x-goog-api-key", gemini.api_key.expose_secret());
    findings.push(match json_of(asked).await {
        Ok((200, body)) => {
            let has = |model: &str| {
                body["models"].as_array().is_some_and(|models| {
                    models.iter().any(|each| {
                        each["name"].as_str().and_then(|name| name.strip_prefix("models/")) == Some(model)
                    })
                })
            };
            match gemini.model.as_deref().filter(|model| !has(model)) {
                Some(model) => Finding::fault(
                    format!("Gemini has no model {model} for this key"),
                    "set GEMINI_MODEL to one that it lists, or take it out for the default",
                ),
                None => Finding::fine("Gemini takes the key"),
            }
        }
        Ok((status @ (400 | 401 | 403), _)) => Finding::fault(
            format!("Gemini refuses GEMINI_API_KEY with {status}"),
            "make a key at Google AI Studio; a key with restrictions must allow the Generative Language API",
        ),
        Ok((status, _)) => Finding::advice(
            format!("Gemini answers {status}"),
            "run this again later",
        ),
        Err(error) => Finding::advice(
            format!("Gemini could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    });
}

/// Whether RevID takes the key. Listing projects costs nothing.
async fn revid(client: &reqwest::Client, config: &Config, findings: &mut Vec<Finding>) {
    let Some(revid) = &config.revid else { return };
    let asked = client
        .get(format!(
            "{}/api/public/v3/projects?limit=1",
            trimmed(&revid.url)
        ))
        .header("key", revid.api_key.expose_secret());
    findings.push(match json_of(asked).await {
        Ok((200, _)) => Finding::fine("RevID takes the key"),
        Ok((status @ (401 | 403), _)) => Finding::fault(
            format!("RevID refuses REVID_API_KEY with {status}"),
            "copy the key from the RevID account",
        ),
        Ok((status, _)) => {
            Finding::advice(format!("RevID answers {status}"), "run this again later")
        }
        Err(error) => Finding::advice(
            format!("RevID could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    });
}

/// The deployment itself.
async fn deployment(client: &reqwest::Client, paper: &Paper<'_>, findings: &mut Vec<Finding>) {
    let config = &paper.config;
    let base = trimmed(&config.app.url);
    match json_of(client.get(format!("{base}/api/health"))).await {
        Ok((200 | 503, body)) if body["status"].is_string() => {
            condition(base, &body, paper.is_local(), findings);
        }
        Ok((401 | 403, _)) => {
            findings.push(Finding::fault(
                format!("{base} is behind Vercel's deployment protection"),
                "pg_cron and Google's consent cannot pass it: give APP_URL a domain that is not protected",
            ));
            return;
        }
        Ok((status, body)) => findings.push(Finding::fault(
            format!(
                "{base}/api/health answers {status} {}",
                body["code"].as_str().unwrap_or("without a status")
            ),
            "read the function's log: a missing variable is named there",
        )),
        Err(error) => {
            findings.push(Finding::fault(
                format!("APP_URL ({base}) does not answer: {error}"),
                "deploy, and compare APP_URL with the deployment's address",
            ));
            return;
        }
    }
    if let Ok((200, body)) = json_of(client.get(format!("{base}/api/config"))).await
        && body["supabase_url"] != trimmed(&config.supabase.url)
        && paper.sound(&["SUPABASE_URL"])
    {
        findings.push(Finding::fault(
            format!(
                "the deployment uses the Supabase project {}",
                body["supabase_url"]
            ),
            "check the deployment's own variables, or set SUPABASE_URL there and deploy again",
        ));
    }
    for path in ["/Cargo.toml", "/supabase/config.toml"] {
        if let Ok((200, _)) = json_of(client.get(format!("{base}{path}"))).await {
            findings.push(Finding::fault(
                format!("{base}{path} can be read by anybody: the sources are published"),
                "outputDirectory must be public, and public/ must hold a file when it is deployed",
            ));
        }
    }
    if let Ok((404, _)) = json_of(client.get(format!("{base}/vendor/supabase.js"))).await {
        findings.push(Finding::advice(
            "the dashboard's sign-in library is not deployed",
            "deploy with the build command of vercel.json (scripts/pages)",
        ));
    }
    let dispatch = || {
        client
            .post(format!("{base}/api/cron/dispatch"))
            .json(&json!({}))
    };
    match json_of(dispatch()).await {
        Ok((401, _)) => findings.push(Finding::fine("the dispatcher refuses strangers")),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the dispatcher answers a stranger with {status}"),
            "set CRON_SECRET in the deployment's environment and deploy again",
        )),
        Err(_) => {}
    }
    if let Some(secret) = &config.app.cron_secret
        && let Ok((status, _)) = json_of(dispatch().bearer_auth(secret.expose_secret())).await
    {
        findings.push(match status {
            202 => Finding::fine("the dispatcher takes CRON_SECRET"),
            _ => Finding::fault(
                format!("the dispatcher answers CRON_SECRET with {status}"),
                "the deployment has another CRON_SECRET: make them one, in Vercel, here and in Vault",
            ),
        });
    }
}

/// What the deployment's own health says.
fn condition(base: &str, health: &Value, local: bool, findings: &mut Vec<Finding>) {
    match health["status"].as_str() {
        Some("healthy") => findings.push(Finding::fine(format!("{base} is healthy"))),
        status => findings.push(Finding::fault(
            format!("{base} is {}", status.unwrap_or("without a status")),
            "GET /api/health says which part; docs/operations.md says what to do about each",
        )),
    }
    let trip = health["services"]["database"]["response_time"].as_u64();
    if let Some(trip) = trip.filter(|trip| *trip > FAR_MILLISECONDS && !local) {
        findings.push(Finding::advice(
            format!("the functions' database answers in {trip} ms"),
            "if it stays so, they are far apart: put `regions` in vercel.json beside the database",
        ));
    }
    if local {
        return;
    }
    let verified = health["work"]["last_verified_backup_at"]
        .as_str()
        .and_then(|moment| moment.parse::<Timestamp>().ok());
    match verified {
        None => findings.push(Finding::advice(
            "no backup was ever verified",
            "run the workflow `backup`, or `catalyst backup create` and `catalyst backup verify`",
        )),
        Some(moment) if Timestamp::now().duration_since(moment).unsigned_abs() > BACKUP_AGE => {
            findings.push(Finding::fault(
                format!("the newest verified backup is of {moment}"),
                "see the last runs of the workflow `backup`",
            ));
        }
        Some(moment) => findings.push(Finding::fine(format!("a backup was verified at {moment}"))),
    }
}

fn trimmed(url: &url::Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Status and JSON body of a call.
async fn json_of(request: reqwest::RequestBuilder) -> Result<(u16, Value), reqwest::Error> {
    // The address stands in the finding already, and it may hold what should not be printed.
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use axum::{
        Router,
        body::Bytes,
        extract::State,
        http::{HeaderMap, StatusCode, Uri},
        response::IntoResponse,
    };
    use tokio::net::TcpListener;

    use super::*;
    use crate::doctor::paper;

    /// As good as random.
    const RANDOM: &str = "5e0c9d71b2a84f36";

    /// Answers by path; `METHOD path` of a call that was not foreseen is 404.
    type Answers = BTreeMap<String, (u16, Value)>;

    async fn answer(
        State(answers): State<Arc<Answers>>,
        uri: Uri,
        headers: HeaderMap,
        _: Bytes,
    ) -> impl IntoResponse {
        let who = headers
            .get("apikey")
            .or(headers.get("authorization"))
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let path = uri.path();
        let (status, body) = answers
            .get(&format!("{path} {who}"))
            .or_else(|| answers.get(path))
            .cloned()
            .unwrap_or((404, Value::Null));
        (StatusCode::from_u16(status).unwrap(), body.to_string())
    }

    /// The services of a deployment in which all is well.
    fn well(base: &str) -> Answers {
        let backup = Timestamp::now().to_string();
        [
            ("/auth/v1/.well-known/jwks.json", 200, json!({"keys": [{"kid": "1"}]})),
            ("/rest/v1/rpc/pipeline_status secret", 200, json!({})),
            ("/rest/v1/rpc/pipeline_status public", 401, json!({"code": "42501"})),
            ("/token", 400, json!({"error": "invalid_grant"})),
            ("/v1beta/models", 200, json!({"models": [{"name": "models/gemini-one"}]})),
            ("/api/public/v3/projects", 200, json!({"projects": []})),
            ("/api/health", 200, json!({"status": "healthy", "services": {"database": {"response_time": 4}}, "work": {"last_verified_backup_at": backup}})),
            ("/api/config", 200, json!({"supabase_url": base})),
            ("/vendor/supabase.js", 200, Value::Null),
            ("/api/cron/dispatch", 401, json!({"code": "token_missing"})),
            ("/api/cron/dispatch Bearer 5e0c9d71b2a84f36", 202, json!({"status": "accepted"})),
        ]
        .into_iter()
        .map(|(path, status, body)| (path.to_owned(), (status, body)))
        .collect()
    }

    /// What is found at services that answer like this.
    async fn found(change: impl FnOnce(&mut Answers)) -> Vec<Finding> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut answers = well(&base);
        change(&mut answers);
        let router = Router::new().fallback(answer).with_state(Arc::new(answers));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let variables: BTreeMap<String, String> = [
            ("SUPABASE_URL", base.as_str()),
            ("SUPABASE_PUBLISHABLE_KEY", "public"),
            ("SUPABASE_SECRET_KEY", "secret"),
            ("APP_URL", &base),
            ("CRON_SECRET", RANDOM),
            ("GOOGLE_CLIENT_ID", "client"),
            ("GOOGLE_CLIENT_SECRET", "s"),
            ("GEMINI_API_KEY", "g"),
            ("GEMINI_MODEL", "gemini-one"),
            ("REVID_API_KEY", "r"),
            ("ENABLE_API_MOCKING", "true"),
            ("GOOGLE_ACCOUNTS_URL", &base),
            ("GOOGLE_OAUTH_URL", &base),
            ("YOUTUBE_URL", &base),
            ("YOUTUBE_ANALYTICS_URL", &base),
            ("GEMINI_URL", &base),
            ("REVID_URL", &base),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let mut findings = Vec::new();
        let paper = paper::read(&variables, &mut findings).unwrap();
        examine(&paper, &mut findings).await;
        server.abort();
        findings
    }

    fn faults(findings: &[Finding]) -> Vec<String> {
        findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Fault { what, .. } => Some(what.clone()),
                _ => None,
            })
            .collect()
    }

    #[tokio::test]
    async fn services_that_are_well_are_fine() {
        let findings = found(|_| ()).await;
        assert!(
            findings
                .iter()
                .all(|finding| matches!(finding, Finding::Fine(_))),
            "{findings:#?}"
        );
        assert!(findings.len() >= 9, "{findings:#?}");
    }

    #[tokio::test]
    async fn each_service_that_is_not_is_named() {
        let cases: &[(&str, u16, Value, &str)] = &[
            (
                "/auth/v1/.well-known/jwks.json",
                200,
                json!({"keys": []}),
                "the project publishes no signing key",
            ),
            (
                "/auth/v1/.well-known/jwks.json",
                404,
                json!({}),
                "the project's keys are answered with 404",
            ),
            (
                "/rest/v1/rpc/pipeline_status secret",
                406,
                json!({"code": "PGRST106"}),
                "does not expose the schema engine",
            ),
            (
                "/rest/v1/rpc/pipeline_status secret",
                404,
                json!({"code": "PGRST202"}),
                "the migrations are not applied",
            ),
            (
                "/rest/v1/rpc/pipeline_status secret",
                401,
                json!({"message": "Invalid API key"}),
                "the secret key is answered with 401 (Invalid API key)",
            ),
            (
                "/rest/v1/rpc/pipeline_status public",
                200,
                json!({}),
                "the public key may change state",
            ),
            (
                "/rest/v1/rpc/pipeline_status public",
                401,
                json!({}),
                "the public key is not one of this project",
            ),
            (
                "/token",
                401,
                json!({"error": "invalid_client"}),
                "Google refuses the OAuth client: 401 invalid_client",
            ),
            (
                "/token",
                400,
                json!({"error": "redirect_uri_mismatch"}),
                "does not have the redirect URI",
            ),
            (
                "/v1beta/models",
                400,
                json!({}),
                "Gemini refuses GEMINI_API_KEY with 400",
            ),
            (
                "/v1beta/models",
                200,
                json!({"models": []}),
                "Gemini has no model gemini-one",
            ),
            (
                "/api/public/v3/projects",
                401,
                json!({}),
                "RevID refuses REVID_API_KEY with 401",
            ),
            (
                "/api/health",
                503,
                json!({"status": "unhealthy"}),
                "is unhealthy",
            ),
            (
                "/api/health",
                500,
                json!({"code": "internal"}),
                "/api/health answers 500 internal",
            ),
            (
                "/api/config",
                200,
                json!({"supabase_url": "https://another"}),
                "the deployment uses the Supabase project",
            ),
            (
                "/Cargo.toml",
                200,
                json!("[package]"),
                "the sources are published",
            ),
            (
                "/api/cron/dispatch",
                202,
                json!({}),
                "the dispatcher answers a stranger with 202",
            ),
            (
                "/api/cron/dispatch Bearer 5e0c9d71b2a84f36",
                401,
                json!({}),
                "the dispatcher answers CRON_SECRET with 401",
            ),
        ];
        for (path, status, body, expected) in cases {
            let findings = found(|answers| {
                answers.insert((*path).to_owned(), (*status, body.clone()));
            })
            .await;
            let faults = faults(&findings);
            assert_eq!(faults.len(), 1, "{path} {status}: {findings:#?}");
            assert!(faults[0].contains(expected), "{path} {status}: {faults:?}");
        }
    }

    #[tokio::test]
    async fn a_protected_deployment_and_one_that_does_not_answer_are_told_apart() {
        let findings = found(|answers| {
            answers.insert("/api/health".to_owned(), (401, Value::Null));
        })
        .await;
        assert!(
            faults(&findings)[0].contains("deployment protection"),
            "{findings:#?}"
        );
    }

    #[test]
    fn a_deployments_own_health_is_read() {
        let read = |health: Value| {
            let mut findings = Vec::new();
            condition("https://api.example.com", &health, false, &mut findings);
            findings
        };
        let old = Timestamp::now() - jiff::SignedDuration::from_hours(27);
        let far = read(
            json!({"status": "healthy", "services": {"database": {"response_time": 95}}, "work": {"last_verified_backup_at": old.to_string()}}),
        );
        assert!(far.contains(&Finding::advice(
            "the functions' database answers in 95 ms",
            "if it stays so, they are far apart: put `regions` in vercel.json beside the database",
        )), "{far:#?}");
        assert_eq!(faults(&far).len(), 1, "{far:#?}");
        assert!(
            faults(&far)[0].starts_with("the newest verified backup is of"),
            "{far:#?}"
        );
        let never = read(json!({"status": "degraded", "work": {"last_verified_backup_at": null}}));
        assert_eq!(faults(&never), ["https://api.example.com is degraded"]);
        assert!(never.iter().any(|finding| matches!(finding, Finding::Advice { what, .. } if what == "no backup was ever verified")), "{never:#?}");
    }
}
