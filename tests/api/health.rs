//! What health tells to whom, at what cost, and how soon. `tests/flows/watch.rs` breaks the services outside.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, CANARY, Condition, Function, Line, Stack, assert_problem, until};

/// A verdict comes within ten seconds; a machine that runs everything else besides gets more.
const SOON: Duration = Duration::from_secs(30);

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
    let memory = answer.json["system"]["memory_usage"].as_u64();
    assert!(memory.is_some_and(|bytes| bytes > 1_000_000), "{answer}");
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
    let line = Line::to_gateway(&stack, "HTTP/1.1").await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_health"),
        &[("SUPABASE_URL", &line.url)],
    )
    .await;
    for _ in 0..20 {
        let live = Answer::of(function.request(Method::GET, "/api/health/live")).await;
        assert_eq!(live.status(200).json, json!({"status": "live"}));
    }
    // Longer than records of requests gather before they are written.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(line.calls(), 0, "it called the database");
    assert_eq!(
        function.log().matches("\"message\":\"request\"").count(),
        20
    );
}

#[tokio::test]
async fn any_number_of_probes_is_one_question_in_five_seconds() {
    let stack = Stack::from_env();
    let line = Line::to_gateway(&stack, "/rest/v1/").await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_health"),
        &[("SUPABASE_URL", &line.url)],
    )
    .await;
    let began = Instant::now();
    let mut found_out = std::collections::BTreeSet::new();
    for _ in 0..10 {
        let probes = (0..20).map(|_| Answer::of(function.request(Method::GET, "/api/health")));
        for answer in futures_join(probes).await {
            found_out.insert(answer.status(200).text("/timestamp"));
        }
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let most = 1 + began.elapsed().as_secs() as usize / 5;
    assert!(
        line.calls() <= most,
        "{} questions, at most {most}",
        line.calls()
    );
    assert!(found_out.len() <= most);
}

/// Awaits all of them side by side.
async fn futures_join<T: Send + 'static>(
    all: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut set = tokio::task::JoinSet::new();
    for one in all {
        set.spawn(one);
    }
    set.join_all().await
}

#[tokio::test]
async fn the_verdict_follows_the_database_down_and_up() {
    let stack = Stack::from_env();
    let line = Line::to_gateway(&stack, "/rest/v1/").await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_health"),
        &[("SUPABASE_URL", &line.url)],
    )
    .await;
    let verdict = async |wanted: u16| {
        let began = Instant::now();
        let answer = until("the verdict", SOON, async || {
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
    verdict(200).await;
    for (condition, errors) in [
        (Condition::Cut, ["unavailable", "timeout"]),
        (Condition::Silent, ["timeout", "unavailable"]),
        (Condition::Failing, ["unexpected_answer", "unavailable"]),
    ] {
        line.set(condition);
        let (down, broke) = verdict(503).await;
        assert_eq!(down.text("/status"), "unhealthy");
        assert_eq!(down.header("content-type"), Some("application/json"));
        let error = down.text("/services/database/error");
        assert!(errors.contains(&error.as_str()), "{condition:?}: {down}");
        assert!(down.json["work"]["last_dispatch_at"].is_null());
        for secret in ["127.0.0.1", "localhost", CANARY, "5432", "postg"] {
            assert!(!down.to_string().contains(secret), "{secret} in {down}");
        }
        line.set(Condition::Whole);
        let (_, healed) = verdict(200).await;
        println!("{condition:?}: broken after {broke:?}, whole after {healed:?}");
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
