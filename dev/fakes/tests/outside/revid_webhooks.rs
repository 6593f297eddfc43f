//! RevID's webhooks, sent to the sink.

use std::time::Duration;

use fakes::Service::{Revid, Slack};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    revid::render,
    support::{Servers, list},
};

impl Servers {
    /// Submits a render whose webhook goes to the sink, with knobs for this render alone.
    async fn submit_with_hook(&self, name: &str, mut knobs: Value) -> String {
        knobs["body_contains"] = json!(format!("hook {name}"));
        self.knobs(Revid, knobs).await;
        let mut request = render(&format!("hook {name}"));
        request["webhookUrl"] = json!(format!("{}/hooks/{name}", self.urls.slack));
        self.pid(&request).await
    }

    /// How many calls came to a render's webhook.
    async fn hooked(&self, name: &str) -> usize {
        let calls = self.calls(Slack, "").await.json();
        let path = format!("/hooks/{name}");
        list(&calls["calls"])
            .iter()
            .filter(|call| call["path"] == path)
            .count()
    }

    /// Waits until so many calls have come.
    async fn wait_for_hooks(&self, name: &str, count: usize) {
        let come = async { while self.hooked(name).await < count {} };
        timeout(Duration::from_secs(10), come)
            .await
            .expect("the webhooks come");
    }

    /// The deliveries of a render's webhook.
    async fn deliveries(&self, pid: &str) -> usize {
        let state = self.state(Revid).await;
        list(&state["webhooks"])
            .iter()
            .filter(|delivery| delivery["pid"] == pid)
            .count()
    }
}

const AT_ONCE: i64 = 0;

#[tokio::test]
async fn a_webhook_comes_when_the_render_is_done() {
    let servers = Servers::start().await;
    let pid = servers.submit_with_hook("normal", json!({})).await;
    assert_eq!(servers.hooked("normal").await, 0);
    servers.advance(200);
    servers.wait_for_hooks("normal", 1).await;
    let recorded = async { while servers.deliveries(&pid).await == 0 {} };
    timeout(Duration::from_secs(10), recorded)
        .await
        .expect("the delivery is recorded");
    assert_eq!(servers.deliveries(&pid).await, 1);
}

#[tokio::test]
async fn webhooks_can_misbehave() {
    let servers = Servers::start().await;
    for (kind, count) in [
        ("twice", 2),
        ("foreign_pid", 1),
        ("evil_url", 1),
        ("empty", 1),
        ("not_json", 1),
        ("huge", 1),
        ("failed", 1),
    ] {
        let knobs = json!({"webhook": kind, "ready_after_seconds": AT_ONCE});
        servers.submit_with_hook(kind, knobs).await;
        servers.wait_for_hooks(kind, count).await;
    }
}

#[tokio::test]
async fn a_webhook_may_come_before_the_answer() {
    let servers = Servers::start().await;
    servers
        .submit_with_hook("early", json!({"webhook": "before_answer"}))
        .await;
    assert_eq!(servers.hooked("early").await, 1);
}

#[tokio::test]
async fn a_webhook_may_never_come() {
    let servers = Servers::start().await;
    let knobs = json!({"webhook": "never", "ready_after_seconds": AT_ONCE});
    let pid = servers.submit_with_hook("never", knobs).await;
    // Even when it is asked for.
    let again = servers
        .control(Revid, "webhooks", json!({"pid": pid}))
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(
        (
            servers.hooked("never").await,
            servers.deliveries(&pid).await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn webhooks_are_tried_again_only_when_told() {
    let servers = Servers::start().await;
    servers
        .fault(Slack, json!({"status": 500, "times": 0}))
        .await;
    for (name, tries) in [("once", 1), ("thrice", 3)] {
        // Not by itself, so that all tries are over when the answer is there.
        let knobs = json!({"webhook": "before_answer", "webhook_tries": tries});
        let pid = servers.submit_with_hook(name, knobs).await;
        assert_eq!(
            (servers.hooked(name).await, servers.deliveries(&pid).await),
            (tries, tries)
        );
    }
}
