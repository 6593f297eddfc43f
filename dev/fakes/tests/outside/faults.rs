//! What all servers share: the clock, faults, the log of calls.

use fakes::Service::{Gemini, Google, Revid, Slack, Youtube};
use serde_json::{Value, json};

use crate::support::{ALL, Servers, creator, send, try_send};

const READ: &str = "channels?part=id&mine=true";

/// The status of a message to the sink.
async fn message(servers: &Servers) -> u16 {
    servers
        .post(&servers.urls.slack, json!({"text": "hello"}))
        .await
        .status
}

#[tokio::test]
async fn one_clock_moves_all_servers() {
    let servers = Servers::start().await;
    servers
        .control(Slack, "clock", json!({"advance_seconds": 3_600}))
        .await;
    for service in [Google, Youtube, Gemini, Revid] {
        let clock = servers
            .get(format!("{}/_control/clock", servers.base(service)))
            .await
            .json();
        assert_eq!(clock["offset_seconds"], 3_600.0);
    }
}

#[tokio::test]
async fn a_fault_strikes_at_the_nth_call_for_as_often_as_told_and_only_where_told() {
    let (servers, mine) = creator().await;
    let theirs = servers.another("other").await;
    let fault = json!({"path": "/youtube/v3/*", "method": "get", "account": "creator", "nth": 2, "times": 2, "status": 503});
    servers.fault(Youtube, fault).await;
    assert_eq!(servers.youtube(&theirs, READ).await.status, 200);
    for status in [200, 503, 503, 200] {
        assert_eq!(servers.youtube(&mine, READ).await.status, status);
    }
    let list = servers
        .get(format!("{}/_control/faults", servers.urls.youtube))
        .await
        .json();
    assert_eq!(
        (&list[0]["matched"], &list[0]["hit"]),
        (&json!(4), &json!(2))
    );
}

#[tokio::test]
async fn chance_has_a_seed_and_faults_can_be_disarmed() {
    let servers = Servers::start().await;
    let rolls = async || {
        let fault = json!({"chance": 0.5, "seed": 9, "times": 0, "status": 500});
        servers.fault(Slack, fault).await;
        let mut seen = Vec::new();
        for _ in 0..20 {
            seen.push(message(&servers).await);
        }
        let faults = format!("{}/_control/faults", servers.urls.slack);
        send(servers.http.delete(faults)).await;
        seen
    };
    let first = rolls().await;
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(first, rolls().await);
    assert_eq!(message(&servers).await, 200);
}

#[tokio::test]
async fn a_connection_cut_before_has_no_effect_and_after_it_has_one() {
    let servers = Servers::start().await;
    let faults = json!([{"cut": true, "when": "before"}, {"cut": true, "when": "after"}]);
    servers.fault(Slack, faults).await;
    for count in [0, 1] {
        let request = servers
            .http
            .post(&servers.urls.slack)
            .json(&json!({"text": "hello"}));
        assert!(try_send(request).await.is_err());
        assert_eq!(servers.state(Slack).await["count"], count);
    }
    let calls = servers.calls(Slack, "").await.json();
    assert_eq!(calls["calls"][0]["status"], Value::Null);
}

#[tokio::test]
async fn calls_are_listed_without_tokens() {
    let servers = Servers::start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    servers.session(&token, 10).await;
    servers.youtube(&token, READ).await;
    let calls = servers.calls(Youtube, "account=creator").await;
    assert_eq!(calls.json()["count"], 2);
    assert_eq!(calls.json()["calls"][1]["query"]["part"], "id");
    let inserts = servers
        .calls(Youtube, "operation=videos.insert")
        .await
        .json();
    assert_eq!(inserts["count"], 1);
    let google = servers.calls(Google, "").await;
    for secret in [&token, &refresh] {
        assert!(!calls.text.contains(secret) && !google.text.contains(secret));
    }
}

#[tokio::test]
async fn unknown_controls_and_knobs_are_refused() {
    let servers = Servers::start().await;
    for (path, body, status) in [
        ("knobs", json!({"nonsense": 1}), 400),
        ("knobs", json!({"final_status": "x"}), 400),
        ("faults", json!({"sttaus": 500}), 400),
        ("clock", json!({"by": 1}), 400),
        ("nonsense", json!({}), 404),
    ] {
        assert_eq!(
            servers.control(Youtube, path, body).await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn slack_keeps_messages_and_refuses_what_is_none() {
    let servers = Servers::start().await;
    let url = format!("{}/services/T/B/x", servers.urls.slack);
    assert_eq!(servers.post(url, json!({"text": "down"})).await.text, "ok");
    assert_eq!(
        servers
            .post(&servers.urls.slack, json!({"foo": 1}))
            .await
            .status,
        400
    );
    let state = servers.state(Slack).await;
    assert_eq!(
        (&state["count"], &state["messages"][0]["body"]["text"]),
        (&json!(1), &json!("down"))
    );
}
