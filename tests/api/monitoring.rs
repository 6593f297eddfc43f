//! What is written down about a request, and who else is told.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Condition, Function, Line, Sink, Stack, until};

const PATIENCE: Duration = Duration::from_secs(60);

fn request_id() -> String {
    format!("monitoring-{}", Uuid::new_v4().simple())
}

/// Waits for something to be true of the database.
async fn sql_says(stack: &Stack, what: &str, query: &str, wanted: impl Fn(&str) -> bool) -> String {
    until(what, PATIENCE, async || {
        let found = stack.sql(query);
        if wanted(&found) {
            Ok(found)
        } else {
            Err(found)
        }
    })
    .await
}

#[tokio::test]
async fn a_request_is_tied_to_the_steps_and_calls_it_caused() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let account = user.connect_channel().await;
    let channel = account.channel();
    user.api
        .until_field(
            &stack,
            &format!("/api/channels/{channel}"),
            "/sync/state",
            &["idle"],
            PATIENCE,
        )
        .await;
    let id = request_id();
    let request = user
        .api
        .request(Method::POST, &format!("/api/channels/{channel}/sync"))
        .header("x-request-id", &id)
        .json(&json!({}));
    Answer::of(request).await.ok();
    let records = format!(
        "select operation, status, slow, failed from private.request_records where request_id = '{id}'"
    );
    let record = sql_says(&stack, "the record", &records, |found| !found.is_empty()).await;
    assert!(
        record.starts_with("channels.sync|202|") || record.starts_with("channels.sync|200|"),
        "{record}"
    );
    assert!(record.ends_with("|f"), "{record}");

    let runs = format!(
        "select string_agg(distinct kind, ' ' order by kind) from private.step_runs where request_id = '{id}'"
    );
    until("the steps", PATIENCE, async || {
        stack.dispatch().await;
        let found = stack.sql(&runs);
        // Scoring follows from synchronising, so it goes back to the same request.
        if found == "channel.score channel.sync" {
            Ok(())
        } else {
            Err(found)
        }
    })
    .await;
    let calls = stack.sql(&format!(
        "select count(*) > 2, bool_and(step_id is not null), bool_and(s.channel_id = '{channel}')
         from private.provider_calls c join private.steps s on s.id = c.step_id where c.request_id = '{id}'"
    ));
    assert_eq!(calls, "t|t|t");
}

#[tokio::test]
async fn a_failed_request_is_marked_and_one_line_tells_of_it() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let line = Line::to_gateway(&stack, "/rest/v1/").await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_me"),
        &[
            ("SUPABASE_URL", &line.url),
            (
                "SUPABASE_JWT_ISSUER",
                &format!("{}/auth/v1", stack.supabase_url),
            ),
        ],
    )
    .await;
    let ask = async |id: &str| {
        let request = function.request(Method::GET, "/api/me");
        Answer::of(
            request
                .bearer_auth(&user.access_token)
                .header("x-request-id", id),
        )
        .await
    };
    ask(&request_id()).await.status(200);
    line.set(Condition::Cut);
    let id = request_id();
    let answer = ask(&id).await;
    assert!(answer.status >= 500, "{answer}");
    line.set(Condition::Whole);
    // What could not be written is written with the next record.
    let record = until("the record", PATIENCE, async || {
        ask(&request_id()).await;
        let found = stack.sql(&format!(
            "select operation, status >= 500, failed, code from private.request_records where request_id = '{id}'"
        ));
        if found.is_empty() { Err("nothing".to_owned()) } else { Ok(found) }
    })
    .await;
    assert!(record.starts_with("me.get|t|t|"), "{record}");
    let log = function.log();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["request_id"] == id.as_str() && line["operation"] == "me.get")
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["user.id"], user.id.to_string());
    assert!(!log.contains(&user.access_token), "a token in the log");
}

#[tokio::test]
async fn the_record_of_an_instance_that_is_ended_is_written_all_the_same() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let mut function = Function::start(env!("CARGO_BIN_EXE_api_me"), &[]).await;
    let id = request_id();
    let request = function.request(Method::GET, "/api/me");
    Answer::of(
        request
            .bearer_auth(&user.access_token)
            .header("x-request-id", &id),
    )
    .await
    .status(200);
    function.terminate();
    assert_eq!(
        stack.sql(&format!(
            "select count(*) from private.request_records where request_id = '{id}'"
        )),
        "1"
    );
}

#[tokio::test]
async fn receivers_get_batches_of_what_happened() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let (monitoring, errors, traces) = (
        Sink::start(Duration::ZERO).await,
        Sink::start(Duration::ZERO).await,
        Sink::start(Duration::ZERO).await,
    );
    let line = Line::to_gateway(&stack, "/rest/v1/").await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_me"),
        &[
            ("SUPABASE_URL", &line.url),
            (
                "SUPABASE_JWT_ISSUER",
                &format!("{}/auth/v1", stack.supabase_url),
            ),
            ("MONITORING_ENDPOINT", &monitoring.url),
            ("ERROR_TRACKING_ENDPOINT", &errors.url),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &traces.url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=catalyst"),
            ("OTEL_SERVICE_NAME", "test-service"),
        ],
    )
    .await;
    let ask = async |id: &str| {
        let request = function.request(Method::GET, "/api/me");
        Answer::of(
            request
                .bearer_auth(&user.access_token)
                .header("x-request-id", id),
        )
        .await
    };
    let ids: Vec<String> = (0..20).map(|_| request_id()).collect();
    for id in &ids {
        ask(id).await.status(200);
    }
    line.set(Condition::Cut);
    let failed = request_id();
    assert!(ask(&failed).await.status >= 500);
    line.set(Condition::Whole);

    let told = |events: &[Value], id: &str| events.iter().filter(|e| e["request_id"] == id).count();
    until("everything is told", PATIENCE, async || {
        let performance = monitoring.events("api_performance");
        let spans = traces.spans().len();
        if told(&performance, &failed) == 1 && spans > 20 && !errors.received().is_empty() {
            Ok(())
        } else {
            Err(format!("{} events, {spans} spans", performance.len()))
        }
    })
    .await;
    // Long enough for a second telling, should there be one.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let performance = monitoring.events("api_performance");
    let activity = monitoring.events("user_activity");
    for id in &ids {
        assert_eq!(told(&performance, id), 1, "{id} is told once");
        assert_eq!(told(&activity, id), 1, "{id} is told once");
    }
    assert_eq!(activity[0]["user_id"], user.id.to_string());
    assert_eq!(performance[0]["operation"], "me.get");
    assert_eq!(performance[0]["failed"], false);
    assert!(performance[0]["duration_ms"].is_u64());
    assert!(
        monitoring.received().len() < ids.len(),
        "{} batches for {} requests",
        monitoring.received().len(),
        ids.len()
    );
    let tracked = errors.events("application_error");
    assert_eq!(told(&tracked, &failed), 1);
    assert!(ids.iter().all(|id| told(&tracked, id) == 0), "only errors");
    assert!(tracked[0]["status"].as_u64() >= Some(500));

    let head = traces.received()[0].head.to_lowercase();
    assert!(head.starts_with("post /in/v1/traces http/1.1"), "{head}");
    assert!(head.contains("x-tenant: catalyst"), "{head}");
    let resource = traces.received()[0].body["resourceSpans"][0]["resource"].to_string();
    assert!(resource.contains("test-service"), "{resource}");
    let spans = traces.spans();
    assert!(spans.iter().all(|span| {
        span["traceId"].as_str().is_some_and(|id| id.len() == 32)
            && span["spanId"].as_str().is_some_and(|id| id.len() == 16)
            && span["name"] == "me.get"
    }));
    for sink in [&monitoring, &errors, &traces] {
        for received in sink.received() {
            assert!(!received.body.to_string().contains(&user.access_token));
            assert!(!received.body.to_string().contains(&user.email));
        }
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_delays_nobody() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let silent = Sink::start(Duration::from_secs(600)).await;
    let function = Function::start(
        env!("CARGO_BIN_EXE_api_me"),
        &[
            ("MONITORING_ENDPOINT", &silent.url),
            ("ERROR_TRACKING_ENDPOINT", "http://127.0.0.1:9/nobody"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &silent.url),
        ],
    )
    .await;
    let mut times = Vec::new();
    // While the first batch is on its way and is not taken.
    while silent.received().is_empty() || times.len() < 40 {
        let began = Instant::now();
        let request = function.request(Method::GET, "/api/me");
        let answer = Answer::of(request.bearer_auth(&user.access_token)).await;
        assert!(matches!(answer.status, 200 | 429), "{answer}");
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    times.sort();
    let median = times[times.len() / 2];
    println!("{} requests, half of them within {median:?}", times.len());
    // A receiver is given two seconds: had requests waited for it, it would show.
    assert!(median < Duration::from_millis(1_900), "{median:?}");
}
