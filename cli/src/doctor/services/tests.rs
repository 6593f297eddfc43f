use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{check, sign_ups};
use crate::doctor::deployment;
use crate::doctor::finding::Finding;
use crate::doctor::variables::Variables;

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
        ("/auth/v1/.well-known/oauth-authorization-server", 200, json!({"registration_endpoint": "/"})),
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
    let variables = Variables::read(&variables, &mut findings).unwrap();
    check(&variables, &mut findings).await;
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
            "the dispatcher answers a call without CRON_SECRET with 202",
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
async fn case_s16_a_protected_deployment_is_named() {
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
        deployment::health("https://api.example.com", &health, false, &mut findings);
        findings
    };
    let old = Timestamp::now() - jiff::SignedDuration::from_hours(27);
    let far = read(
        json!({"status": "healthy", "services": {"database": {"response_time": 95}}, "work": {"last_verified_backup_at": old.to_string()}}),
    );
    assert!(
        far.contains(&Finding::advice(
            "the functions' database answers in 95 ms",
            "if it stays so, they are far apart: put `regions` in vercel.json beside the database",
        )),
        "{far:#?}"
    );
    assert_eq!(faults(&far).len(), 1, "{far:#?}");
    assert!(
        faults(&far)[0].starts_with("the newest verified backup is of"),
        "{far:#?}"
    );
    let never = read(json!({"status": "degraded", "work": {"last_verified_backup_at": null}}));
    assert_eq!(faults(&never), ["https://api.example.com is degraded"]);
    assert!(never.iter().any(|finding| matches!(finding, Finding::Advice { what, .. } if what == "no backup was ever verified")), "{never:#?}");
}

#[test]
fn accounts_for_anybody_are_named() {
    let settings = |confirmed: bool, anonymous: bool| {
        sign_ups(
            &json!({"mailer_autoconfirm": !confirmed, "external": {"anonymous_users": anonymous}}),
        )
    };
    assert!(faults(&settings(true, false)).is_empty());
    let open = faults(&settings(false, true));
    assert!(
        open[0].contains("e-mail address is the caller's"),
        "{open:?}"
    );
    assert!(open[1].contains("without an e-mail address"), "{open:?}");
}
