//! What is recorded of a request, and what is exported to others.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Answer, Collector, Creator, Fault, FaultProxy, Function, PATIENCE, Stack, User, until,
};

fn request_id() -> String {
    format!("monitoring-{}", Uuid::new_v4().simple())
}

/// Reads the user's profile at this function, in a request of this id.
async fn get_me(function: &Function, user: &User, id: &str) -> Answer {
    let request = function.request(Method::GET, "/api/me");
    let request = request.bearer_auth(&user.access_token);
    Answer::of(request.header("x-request-id", id)).await
}

async fn api_me(proxy: &FaultProxy, stack: &Stack, settings: &[(&str, &str)]) -> Function {
    Function::behind(proxy, stack, env!("CARGO_BIN_EXE_api_me"), settings).await
}

#[tokio::test]
async fn a_request_is_tied_to_the_steps_and_calls_it_caused() {
    let creator = Creator::new().await;
    let (stack, user) = (&creator.stack, &creator.user);
    let channel = creator.connect_and_sync(40).await.channel();
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
    let record = until("the record", PATIENCE, async || {
        let found = stack.sql(&records);
        if found.is_empty() {
            Err(found)
        } else {
            Ok(found)
        }
    })
    .await;
    assert!(
        record.starts_with("syncChannel|202|") || record.starts_with("syncChannel|200|"),
        "{record}"
    );
    assert!(record.ends_with("|f"), "{record}");

    let runs = format!(
        "select string_agg(distinct kind, ' ' order by kind) from private.step_runs where request_id = '{id}'"
    );
    // Scoring follows from synchronising, so it goes back to the same request.
    stack
        .until_sql("the steps", &runs, "channel.score channel.sync")
        .await;
    let calls = stack.sql(&format!(
        "select count(*) > 2, bool_and(step_id is not null), bool_and(s.channel_id = '{channel}')
         from private.provider_calls c join private.steps s on s.id = c.step_id where c.request_id = '{id}'"
    ));
    assert_eq!(calls, "t|t|t");
}

#[tokio::test]
async fn a_failed_request_is_recorded_and_logged_in_one_line() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let proxy = FaultProxy::to_gateway(&stack).await;
    let function = api_me(&proxy, &stack, &[]).await;
    let ask = async |id: &str| get_me(&function, &user, id).await;
    ask(&request_id()).await.status(200);
    proxy.set(Fault::Reset);
    let id = request_id();
    let answer = ask(&id).await;
    assert!(answer.status >= 500, "{answer}");
    proxy.set(Fault::None);
    // What could not be written is written with the next record.
    let record = until("the record", PATIENCE, async || {
        ask(&request_id()).await;
        let found = stack.sql(&format!(
            "select operation, status >= 500, failed, code from private.request_records where request_id = '{id}'"
        ));
        if found.is_empty() { Err("nothing".to_owned()) } else { Ok(found) }
    })
    .await;
    assert!(record.starts_with("getMe|t|t|"), "{record}");
    let log = function.log();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["request_id"] == id.as_str() && line["operation"] == "getMe")
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
    get_me(&function, &user, &id).await.status(200);
    function.terminate().await;
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
        Collector::start().await,
        Collector::start().await,
        Collector::start().await,
    );
    let proxy = FaultProxy::to_gateway(&stack).await;
    let settings = [
        ("MONITORING_ENDPOINT", monitoring.url.as_str()),
        ("ERROR_TRACKING_ENDPOINT", &errors.url),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &traces.url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=catalyst"),
        ("OTEL_SERVICE_NAME", "test-service"),
    ];
    let mut function = api_me(&proxy, &stack, &settings).await;
    let ids: Vec<String> = (0..20).map(|_| request_id()).collect();
    for id in &ids {
        get_me(&function, &user, id).await.status(200);
    }
    proxy.set(Fault::Reset);
    let failed = request_id();
    assert!(get_me(&function, &user, &failed).await.status >= 500);
    proxy.set(Fault::None);

    let count =
        |events: &[Value], id: &str| events.iter().filter(|e| e["request_id"] == id).count();
    until("the whole export", PATIENCE, async || {
        let performance = monitoring.events("api_performance");
        let spans = traces.spans().len();
        if count(&performance, &failed) == 1 && spans > 20 && !errors.received().is_empty() {
            Ok(())
        } else {
            Err(format!("{} events, {spans} spans", performance.len()))
        }
    })
    .await;
    // Whatever it would export a second time, it has exported when it has ended.
    function.terminate().await;
    let performance = monitoring.events("api_performance");
    let activity = monitoring.events("user_activity");
    for id in &ids {
        assert_eq!(count(&performance, id), 1, "{id} is exported once");
        assert_eq!(count(&activity, id), 1, "{id} is exported once");
    }
    assert_eq!(activity[0]["user_id"], user.id.to_string());
    assert_eq!(performance[0]["operation"], "getMe");
    assert_eq!(performance[0]["failed"], false);
    assert!(performance[0]["duration_ms"].is_u64());
    assert!(
        monitoring.received().len() < ids.len(),
        "{} batches for {} requests",
        monitoring.received().len(),
        ids.len()
    );
    let tracked = errors.events("application_error");
    assert_eq!(count(&tracked, &failed), 1);
    assert!(ids.iter().all(|id| count(&tracked, id) == 0), "only errors");
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
            && span["name"] == "getMe"
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
    let silent = Collector::silent().await;
    let settings = [
        ("MONITORING_ENDPOINT", silent.url.as_str()),
        ("ERROR_TRACKING_ENDPOINT", "http://127.0.0.1:9/nobody"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &silent.url),
    ];
    let function = Function::start(env!("CARGO_BIN_EXE_api_me"), &settings).await;
    let ask = async || {
        let answer = get_me(&function, &user, &request_id()).await;
        assert!(matches!(answer.status, 200 | 429), "{answer}");
    };
    until("the first batch", PATIENCE, async || {
        ask().await;
        match silent.received().len() {
            0 => Err("nothing".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    // From here on a batch is on its way that nobody takes.
    let mut times = Vec::new();
    for _ in 0..40 {
        let began = Instant::now();
        ask().await;
        times.push(began.elapsed());
    }
    times.sort();
    let median = times[times.len() / 2];
    println!("{} requests, half of them within {median:?}", times.len());
    // A receiver is given two seconds: had requests waited for it, it would show.
    assert!(median < Duration::from_millis(1_900), "{median:?}");
}
