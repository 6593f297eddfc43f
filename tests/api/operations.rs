//! What operators and browsers rely on: the document, the dispatcher's secret, the headers of every answer, and who may call
//! from another origin.

use catalyst::routes::openapi;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Function, Stack, assert_problem};

const FRONTEND: (&str, &str) = ("FRONTEND_URL", "https://app.example.com/start");
const ORIGIN: &str = "https://app.example.com";

/// What every answer carries, page or not.
const SECURITY_HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("x-dns-prefetch-control", "off"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains; preload",
    ),
];

#[track_caller]
fn assert_security_headers(answer: &Answer, name: &str) {
    for (header, value) in SECURITY_HEADERS {
        assert_eq!(answer.header(header), Some(value), "{header} of {name}");
    }
}

fn address(path: &str) -> String {
    path.replace("{id}", &Uuid::nil().to_string())
        .replace("{kind}", "ideas")
}

#[tokio::test]
async fn the_served_document_is_made_of_the_declared_operations() {
    let stack = Stack::from_env();
    // `catalyst-dev check` compares it with the declarations.
    let committed: Value =
        serde_json::from_str(include_str!("../../public/openapi.json")).expect("JSON");
    for path in [openapi::PATH, "/openapi.json"] {
        let served = stack.anonymous().get(path).await.status(200);
        assert_eq!(served.json, committed, "{path}");
        for (header, value) in [
            ("content-type", "application/json"),
            ("cache-control", "public, max-age=300"),
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(served.header(header), Some(value), "{header} of {path}");
        }
    }
    let documented = stack.documented_operations().await;
    let described = catalyst::routes::declarations().filter(|one| !one.described_elsewhere);
    assert_eq!(documented.len(), described.count());
}

#[tokio::test]
async fn every_operation_has_a_function_and_every_answer_its_headers() {
    let stack = Stack::from_env();
    let anonymous = stack.anonymous();
    for (method, path, operation) in stack.documented_operations().await {
        let answer = Answer::of(anonymous.request(method.clone(), &address(&path))).await;
        let name = format!("{method} {path}: {answer}");
        assert_eq!(answer.header("x-vercel-error"), None, "{name}");
        assert!(
            operation["responses"]
                .get(answer.status.to_string())
                .is_some(),
            "an undocumented status: {name}"
        );
        assert_security_headers(&answer, &name);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'"), "{name}");
        assert!(answer.header("x-request-id").is_some(), "{name}");
        let cached = match path.as_str() {
            "/api/config" => "public, max-age=300",
            _ => "no-store",
        };
        assert_eq!(answer.header("cache-control"), Some(cached), "{name}");
        for header in [
            "server",
            "x-powered-by",
            "access-control-allow-origin",
            "set-cookie",
        ] {
            assert_eq!(answer.header(header), None, "{header} of {name}");
        }
    }
}

#[tokio::test]
async fn the_public_settings_hold_what_signing_in_needs_and_no_secret() {
    let stack = Stack::from_env();
    let answer = stack.anonymous().get("/api/config").await.status(200);
    let mut members: Vec<_> = answer.json.as_object().expect("an object").keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["supabase_publishable_key", "supabase_url", "version"]
    );
    assert_eq!(
        answer.text("/supabase_url"),
        stack.supabase_url.trim_end_matches('/')
    );
    assert_eq!(
        answer.text("/supabase_publishable_key"),
        stack.publishable_key
    );
    assert!(!answer.to_string().contains(&stack.secret_key));
}

#[tokio::test]
async fn pages_carry_the_headers_and_nothing_but_pages_is_published() {
    let stack = Stack::from_env();
    let anonymous = stack.anonymous();
    for path in [
        "/",
        "/dashboard",
        "/docs/errors",
        "/style.css",
        "/agents.js",
        "/nothing-here",
    ] {
        let answer = anonymous.get(path).await;
        let expected = if path == "/nothing-here" { 404 } else { 200 };
        let answer = answer.status(expected);
        assert_security_headers(&answer, path);
        let policy = answer.header("content-security-policy");
        let page = ["/", "/dashboard", "/docs/errors"].contains(&path);
        assert_eq!(policy.is_some(), page, "{path}");
        if let Some(policy) = policy {
            assert!(
                policy.starts_with("default-src 'none';"),
                "{path}: {policy}"
            );
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
        }
    }
    // A page that signs in may call its own deployment's Supabase project and nobody else.
    let page = String::from_utf8(anonymous.get("/dashboard").await.ok().body).unwrap();
    let policy = page
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .and_then(|(_, policy)| policy.split_once('"'))
        .map_or("", |(policy, _)| policy);
    let connect = format!("; connect-src 'self' {};", stack.supabase_url);
    assert!(policy.contains(&connect), "{policy}");
    assert!(
        !policy.contains('*') && !policy.contains("unsafe"),
        "{policy}"
    );
    for path in [
        "/Cargo.toml",
        "/Cargo.lock",
        "/vercel.json",
        "/.env",
        "/.env.example",
        "/.git/config",
        "/lib/src/lib.rs",
        "/supabase/config.toml",
        "/supabase/migrations/20261122000100_initial_schema.sql",
        "/docs/operations.md",
        "/README.md",
    ] {
        anonymous.get(path).await.status(404);
    }
    let led = anonymous.get("/api/health.rs").await.status(308);
    assert_eq!(led.header("location"), Some("/api/health"));
}

#[tokio::test]
async fn a_visitor_with_a_session_cookie_is_led_to_the_dashboard() {
    let stack = Stack::from_env();
    let ask = |cookie: &'static str| {
        Answer::of(
            stack
                .anonymous()
                .request(Method::GET, "/")
                .header("cookie", cookie),
        )
    };
    for cookie in [
        "sb-abcdefghijklmnopqrst-auth-token=base64-eyJ9",
        "theme=dark; sb-abcdefghijklmnopqrst-auth-token.0=x; sb-abcdefghijklmnopqrst-auth-token.1=y",
    ] {
        let answer = ask(cookie).await.status(307);
        assert_eq!(answer.header("location"), Some("/dashboard"), "{cookie}");
    }
    for cookie in ["theme=dark", "sb-abc-auth-token-code-verifier=x"] {
        ask(cookie).await.status(200);
    }
}

#[tokio::test]
async fn a_valid_request_id_is_kept_and_any_other_is_replaced() {
    let stack = Stack::from_env();
    let api = stack.anonymous();
    let ask = |id: &str| {
        Answer::of(
            api.request(Method::GET, "/api/me")
                .header("x-request-id", id),
        )
    };
    let kept = "0195-fine.request_id";
    let answer = ask(kept).await;
    assert_eq!(answer.header("x-request-id"), Some(kept));
    assert_eq!(answer.json["request_id"], kept);
    for odd in [
        "short",
        "with spaces in it",
        "<script>alert(1)</script>",
        &"x".repeat(65),
    ] {
        let answer = ask(odd).await;
        let given = answer.header("x-request-id").expect("an id").to_owned();
        assert_ne!(given, odd);
        assert_eq!(answer.json["request_id"], given);
    }
}

#[tokio::test]
async fn the_dispatcher_takes_the_schedulers_secret_and_nothing_else() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let tail = &stack.cron_secret[..stack.cron_secret.len() - 1];
    let longer = format!("{}x", stack.cron_secret);
    for (token, code) in [
        (None, "token_missing"),
        (Some("wrong"), "token_invalid"),
        (Some(tail), "token_invalid"),
        (Some(longer.as_str()), "token_invalid"),
        (Some(user.access_token.as_str()), "token_invalid"),
        (Some(stack.secret_key.as_str()), "token_invalid"),
    ] {
        let answer = Answer::of(stack.api(token).request(Method::POST, "/api/cron/dispatch")).await;
        assert_problem(&answer, 401, code);
    }
    for _ in 0..2 {
        let scheduler = stack.api(Some(&stack.cron_secret));
        let answer = Answer::of(scheduler.request(Method::POST, "/api/cron/dispatch")).await;
        assert_eq!(answer.status(202).json, json!({"status": "accepted"}));
    }
    let get = stack
        .api(Some(&stack.cron_secret))
        .get("/api/cron/dispatch")
        .await;
    assert_problem(&get, 405, "method_not_allowed");
}

#[tokio::test]
async fn only_the_front_ends_origin_may_read_answers() {
    let function = Function::start(env!("CARGO_BIN_EXE_api_me"), &[FRONTEND]).await;
    let from = |method: Method, origin: &str| {
        let origin = origin.to_owned();
        Answer::of(
            function
                .request(method, "/api/me")
                .header("origin", origin)
                .header("access-control-request-method", "PATCH"),
        )
    };

    let preflight = from(Method::OPTIONS, ORIGIN).await.status(204);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        Some(ORIGIN)
    );
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        Some("GET, HEAD, PATCH, DELETE")
    );
    let headers = preflight
        .header("access-control-allow-headers")
        .unwrap_or_default();
    for header in [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
    ] {
        assert!(headers.contains(header), "{header}: {headers}");
    }
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    assert_eq!(preflight.header("access-control-max-age"), Some("7200"));

    let answer = from(Method::GET, ORIGIN).await;
    assert_problem(&answer, 401, "token_missing");
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    let exposed = answer
        .header("access-control-expose-headers")
        .unwrap_or_default();
    for header in ["etag", "location", "retry-after", "x-request-id"] {
        assert!(exposed.contains(header), "{header}: {exposed}");
    }

    for stranger in [
        "https://evil.example.com",
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com/start",
        "HTTPS://APP.EXAMPLE.COM",
        "null",
        "*",
    ] {
        for method in [Method::OPTIONS, Method::GET] {
            let answer = from(method, stranger).await;
            assert_eq!(answer.header("vary"), Some("origin"), "{stranger}");
            for header in [
                "access-control-allow-origin",
                "access-control-allow-methods",
            ] {
                assert_eq!(answer.header(header), None, "{header} for {stranger}");
            }
        }
    }
}

#[tokio::test]
async fn preview_deployments_and_pages_of_this_machine_may_read_answers() {
    let patterns = (
        "CORS_ORIGINS",
        "https://studio.example.com, https://app-*-team.vercel.app",
    );
    let function = Function::start(env!("CARGO_BIN_EXE_api_me"), &[FRONTEND, patterns]).await;
    let allowed = async |origin: &'static str| {
        let answer = Answer::of(
            function
                .request(Method::OPTIONS, "/api/me")
                .header("origin", origin),
        )
        .await;
        answer.header("access-control-allow-origin") == Some(origin)
    };
    for origin in [
        ORIGIN,
        "https://studio.example.com",
        "https://app-git-main-team.vercel.app",
        "http://localhost:5173",
        "http://127.0.0.1:8080",
        "http://[::1]:3001",
    ] {
        assert!(allowed(origin).await, "{origin}");
    }
    for origin in [
        "https://app-team.vercel.app",
        "https://x.studio.example.com",
        "http://localhost.evil.com",
    ] {
        assert!(!allowed(origin).await, "{origin}");
    }
}

#[tokio::test]
async fn case_s05_head_answers_as_get_without_the_body() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for (api, path) in [
        (stack.anonymous(), "/api/health/live"),
        (stack.anonymous(), "/api/health"),
        (stack.anonymous(), "/api/config"),
        (stack.anonymous(), "/api/openapi.json"),
        (stack.anonymous(), "/api/me"),
        (user.api, "/api/channels"),
    ] {
        let get = Answer::of(api.request(Method::GET, path)).await;
        let head = Answer::of(api.request(Method::HEAD, path)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        assert!(head.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_front_end_is_handed_what_google_brought_in_the_fragment() {
    let function = Function::start(env!("CARGO_BIN_EXE_api_channels"), &[FRONTEND]).await;
    let back = function.request(Method::GET, "/api/channels/callback?state=unknown&code=1");
    let answer = Answer::of(back).await.status(303);
    let location = answer.header("location").unwrap_or_default();
    assert_eq!(
        location,
        "https://app.example.com/connected#state=unknown&code=1"
    );
}
