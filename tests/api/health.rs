//! What health says to whom, at what cost, and how soon. `tests/flows/watch.rs` breaks the services outside.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use tokio::task::JoinSet;

use crate::support::{Answer, CANARY, Fault, FaultProxy, Function, Stack, assert_problem, until};

/// A new status comes within ten seconds; a machine that runs everything else besides gets more.
const SOON: Duration = Duration::from_secs(30);

async fn api_health(proxy: &FaultProxy, stack: &Stack) -> Function {
    Function::behind(proxy, stack, env!("CARGO_BIN_EXE_api_health"), &[]).await
}

#[tokio::test]
async fn health_has_the_shape_that_is_promised() {
    let stack = Stack::from_env();
    let answer = stack.anonymous().get("/api/health").await.status(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // In which order they come depends on the features that serde_json is built with.
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<_> = value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        keys.sort();
        keys
    };
    assert_eq!(
        keys(&answer.json),
        [
            "services",
            "status",
            "system",
            "timestamp",
            "version",
            "work"
        ]
    );
    // Other tests make the outside services fail meanwhile.
    assert!(matches!(
        answer.text("/status").as_str(),
        "healthy" | "degraded"
    ));
    assert_eq!(
        keys(&answer.json["services"]),
        ["database", "external_apis"]
    );
    assert_eq!(
        keys(&answer.json["services"]["external_apis"]),
        ["gemini", "revid", "youtube"]
    );
    let database = &answer.json["services"]["database"];
    assert_eq!(database["status"], "healthy");
    for service in [
        database,
        &answer.json["services"]["external_apis"]["youtube"],
        &answer.json["services"]["external_apis"]["gemini"],
        &answer.json["services"]["external_apis"]["revid"],
    ] {
        assert_eq!(
            keys(service),
            ["error", "last_checked", "response_time", "status"]
        );
    }
    assert!(database["response_time"].is_u64() && database["error"].is_null());
    assert_eq!(keys(&answer.json["system"]), ["memory_usage", "uptime"]);
    let memory = answer.json["system"]["memory_usage"].as_f64();
    assert!(
        memory.is_some_and(|megabytes| (1.0..200.0).contains(&megabytes)),
        "{answer}"
    );
    assert_eq!(
        keys(&answer.json["work"]),
        [
            "last_dispatch_at",
            "last_verified_backup_at",
            "oldest_due_seconds"
        ]
    );
    for member in ["/timestamp", "/services/database/last_checked"] {
        assert!(answer.text(member).parse::<jiff::Timestamp>().is_ok());
    }
}

#[tokio::test]
async fn live_answers_without_asking_anybody() {
    let stack = Stack::from_env();
    let proxy = FaultProxy::to_gateway(&stack).await;
    let mut function = api_health(&proxy, &stack).await;
    for _ in 0..20 {
        let live = Answer::of(function.request(Method::GET, "/api/health/live")).await;
        assert_eq!(live.status(200).json, json!({"status": "live"}));
    }
    // Whatever it had left to say, it has said when it has ended.
    function.terminate().await;
    assert_eq!(proxy.calls("/"), 0, "it called the database");
    assert_eq!(
        function.log().matches("\"message\":\"request\"").count(),
        20
    );
}

#[tokio::test]
async fn any_number_of_probes_is_one_question_in_five_seconds() {
    let stack = Stack::from_env();
    let proxy = FaultProxy::to_gateway(&stack).await;
    let mut function = api_health(&proxy, &stack).await;
    let began = Instant::now();
    let mut found_out = std::collections::BTreeSet::new();
    for _ in 0..10 {
        let mut probes = JoinSet::new();
        for _ in 0..20 {
            probes.spawn(Answer::of(function.request(Method::GET, "/api/health")));
        }
        for answer in probes.join_all().await {
            found_out.insert(answer.status(200).text("/timestamp"));
        }
    }
    let most = 1 + began.elapsed().as_secs() as usize / 5;
    function.terminate().await;
    let calls = proxy.calls("/rest/v1/");
    assert!(calls <= most, "{calls} questions, at most {most}");
    assert!(found_out.len() <= most);
}

#[tokio::test]
async fn the_status_follows_the_database_down_and_up() {
    let stack = Stack::from_env();
    let proxy = FaultProxy::to_gateway(&stack).await;
    let function = api_health(&proxy, &stack).await;
    let until_status = async |wanted: u16| {
        let began = Instant::now();
        let answer = until("the status", SOON, async || {
            let answer = Answer::of(function.request(Method::GET, "/api/health")).await;
            if answer.status == wanted {
                Ok(answer)
            } else {
                Err(answer.to_string())
            }
        })
        .await;
        (answer, began.elapsed())
    };
    until_status(200).await;
    for (fault, errors) in [
        (Fault::Reset, ["unavailable", "timeout"]),
        (Fault::Silent, ["timeout", "unavailable"]),
        (Fault::Failing, ["unexpected_answer", "unavailable"]),
    ] {
        proxy.set(fault);
        let (down, broke) = until_status(503).await;
        assert_eq!(down.text("/status"), "unhealthy");
        assert_eq!(down.header("content-type"), Some("application/json"));
        let error = down.text("/services/database/error");
        assert!(errors.contains(&error.as_str()), "{fault:?}: {down}");
        assert!(down.json["work"]["last_dispatch_at"].is_null());
        for secret in ["127.0.0.1", "localhost", CANARY, "5432", "postg"] {
            assert!(!down.to_string().contains(secret), "{secret} in {down}");
        }
        proxy.set(Fault::None);
        let (_, healed) = until_status(200).await;
        println!("{fault:?}: broken after {broke:?}, whole after {healed:?}");
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_named_in_the_log_and_nowhere_else() {
    for (name, value) in [
        ("SUPABASE_URL", "not-a-url"),
        ("CRON_SECRET", "short"),
        ("TOKEN_ENCRYPTION_KEYS", "k1:tooshort"),
        ("APP_URL", ""),
        ("MONITORING_ENDPOINT", "ftp://example.com"),
    ] {
        let function = Function::start(env!("CARGO_BIN_EXE_api_me"), &[(name, value)]).await;
        let answer = Answer::of(function.request(Method::GET, "/api/me")).await;
        assert_problem(&answer, 503, "not_configured");
        assert!(!answer.to_string().contains(name), "{answer}");
        if !value.is_empty() {
            assert!(!answer.to_string().contains(value), "{answer}");
        }
        let log = function.log();
        let line = log.lines().next().unwrap_or_default();
        assert!(line.contains(name), "the first line names {name}: {line}");
        assert!(line.contains("\"level\":\"ERROR\""), "{line}");
    }
}
