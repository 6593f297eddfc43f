//! Webhooks about finished renders.

use std::{sync::Arc, time::Duration};

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};
use serde_json::{Value, json};

use super::store::{Delivery, Render};
use crate::{World, lock};

/// Sends the webhooks that are due.
pub(crate) fn send_due(world: &Arc<World>) {
    let now = world.clock.now();
    for render in lock(&world.revid).renders.values_mut() {
        if render.webhook_due && render.is_due(now) {
            render.webhook_due = false;
            render.terminal_at = render.terminal_at.or(Some(now));
            tokio::spawn(deliver(Arc::clone(world), render.clone()));
        }
    }
}

/// Sends a render's webhook, as often as its settings say.
pub(crate) async fn deliver(world: Arc<World>, render: Render) {
    let kind = render.settings.webhook.as_str();
    let (Some(url), Ok(client)) = (&render.webhook_url, http_client()) else {
        return;
    };
    let body = body(&render, &world.urls().revid);
    let times = match kind {
        "never" => 0,
        "twice" => 2,
        _ => 1,
    };
    for _ in 0..times {
        for attempt in 1..=render.settings.webhook_tries.max(1) {
            let request = client
                .post(url)
                .header("content-type", "application/json")
                .header("user-agent", "revid-webhooks/1")
                .timeout(Duration::from_secs(5))
                .body(body.clone());
            let status = request.send().await.ok().map(|response| response.status());
            lock(&world.revid).webhooks.push(Delivery {
                pid: render.pid.clone(),
                attempt,
                status: status.map(|status| status.as_u16()),
                at: world.clock.now(),
            });
            if status.is_some_and(|status| status.is_success()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    world.mark_changed();
}

fn body(render: &Render, base: &str) -> Vec<u8> {
    let mut done = render.clone();
    done.terminal_polls = u32::MAX;
    let mut body = done.finished(base);
    match render.settings.webhook.as_str() {
        "foreign_pid" => body["pid"] = json!("AAAAAAAAAAAAAAAAAAAA"),
        "evil_url" => body["videoUrl"] = json!("http://169.254.169.254/latest/meta-data/"),
        "empty" => body = json!({}),
        "not_json" => return b"status=ready&done=true".to_vec(),
        "huge" => body["padding"] = Value::from("x".repeat(2 * 1024 * 1024)),
        "failed" => {
            body["status"] = json!("failed");
            body["error"] = json!("media generation timed out");
        }
        _ => {}
    }
    body.to_string().into_bytes()
}

/// A client for plain HTTP that follows no redirects: what webhooks are sent with, and of use to tests of the stand-ins.
///
/// # Errors
/// When the client cannot be made.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .gzip(false);
    let provider = Arc::new(default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = match config {
        Ok(config) => builder.tls_backend_preconfigured(
            config
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        ),
        Err(_) => builder,
    };
    builder.build()
}
