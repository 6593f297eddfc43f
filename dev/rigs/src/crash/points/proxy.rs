//! What every call of a worker passes on its way out: to the Data API and to each outside service.
//!
//! The proxy knows whose connection a call came by and which step that process is at, so it can end the process exactly
//! at the n-th call of a kind: before the call is let through, or after it had its effect and before the answer is back.
//! It lets a worker hold one claim at a time, so that a kill hits one step.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustix::process::{Pid, Signal, kill_process};

use super::call::Call;
use super::registry::Registry;

/// One service behind the proxy.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    pub(super) name: &'static str,
    /// Where the service is.
    pub(super) address: String,
    /// Where the proxy stands for it.
    pub(super) proxy_address: String,
}

/// The fault proxy.
#[derive(Debug)]
pub(super) struct FaultProxy {
    pub(super) upstreams: Vec<Upstream>,
    registry: Mutex<Registry>,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl FaultProxy {
    /// A proxy that stands for these services.
    pub(super) fn new(upstreams: Vec<Upstream>) -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(Duration::from_secs(5));
        Self {
            upstreams,
            registry: Mutex::default(),
            http: client.build_http(),
        }
    }

    /// A worker's environment, with the proxy in the upstream of every service.
    pub(super) fn redirect(
        &self,
        environment: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut redirected = environment.clone();
        for value in redirected.values_mut() {
            for upstream in &self.upstreams {
                if let Some(path) = value.strip_prefix(&upstream.address) {
                    *value = format!("{}{path}", upstream.proxy_address);
                    break;
                }
            }
        }
        redirected
    }

    /// The registry, also after a panic elsewhere.
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a process at this very moment.
    pub(super) fn kill(&self, worker: i32) {
        self.registry().leave(worker);
        if let Some(pid) = Pid::from_raw(worker) {
            // One that has just ended by itself needs no help.
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    /// Passes a call on to its service, and the answer back.
    pub(super) async fn forward(&self, upstream: &Upstream, call: &Call) -> Response {
        match self.answer(upstream, call).await {
            Some(answer) => answer,
            None => StatusCode::BAD_GATEWAY.into_response(),
        }
    }

    async fn answer(&self, upstream: &Upstream, call: &Call) -> Option<Response> {
        let request = call.to(&upstream.address)?;
        let (mut head, body) = self.http.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        head.headers.remove(header::CONNECTION);
        head.headers.remove(header::TRANSFER_ENCODING);
        if call.method == Method::HEAD {
            return Some(Response::from_parts(head, Body::empty()));
        }
        head.headers.remove(header::CONTENT_LENGTH);
        // The services name themselves in what they answer; a worker that follows such an address must come here too.
        if let Some(location) = head
            .headers
            .get(header::LOCATION)
            .and_then(|value| self.with_own_addresses(value.as_bytes()).try_into().ok())
        {
            head.headers.insert(header::LOCATION, location);
        }
        let is_json = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let body = if is_json {
            Bytes::from(self.with_own_addresses(&body))
        } else {
            body
        };
        Some(Response::from_parts(head, Body::from(body)))
    }

    fn with_own_addresses(&self, text: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(text) else {
            return text.to_vec();
        };
        let mut text = text.to_owned();
        for upstream in &self.upstreams {
            text = text.replace(&upstream.address, &upstream.proxy_address);
        }
        text.into_bytes()
    }
}
