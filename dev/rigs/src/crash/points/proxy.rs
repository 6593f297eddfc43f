//! What every call of a worker passes on its way out: to the Data API and to each outside service.
//!
//! The proxy knows whose connection a call came by and which step that process is at, so it can end the process exactly
//! at the n-th call of a kind: before the call is let through, or after it had its effect and before the answer is back.
//! It lets a worker hold one claim at a time, so that a kill hits one step.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustix::process::{Pid, Signal, kill_process};

use super::recording::Registry;

/// Bodies are passed on whole.
pub(super) const BODY_LIMIT: usize = 64 * 1024 * 1024;

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
        let (registry, http) = (Mutex::default(), client.build_http());
        Self {
            upstreams,
            registry,
            http,
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
    pub(super) fn kill(&self, worker: Pid) {
        self.registry().claims.remove(&worker);
        // One that has just ended by itself needs no help.
        let _ = kill_process(worker, Signal::KILL);
    }

    /// Passes a call on to its service, and the answer back.
    pub(super) async fn forward(&self, upstream: &Upstream, call: &Call) -> Response {
        let answer = self.answer(upstream, call).await;
        answer.unwrap_or_else(|| StatusCode::BAD_GATEWAY.into_response())
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
        if let Some(location) = head.headers.get_mut(header::LOCATION)
            && let Ok(own) = self.with_own_addresses(location.as_bytes()).try_into()
        {
            *location = own;
        }
        let kind = head.headers.get(header::CONTENT_TYPE);
        let body = match kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
            true => Bytes::from(self.with_own_addresses(&body)),
            false => body,
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

/// A call on its way to a service: a request whose body is read.
pub(super) struct Call {
    pub(super) method: Method,
    uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    /// Reads a request; none when its body is too long or breaks off.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (head, body) = request.into_parts();
        Some(Self {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: to_bytes(body, BODY_LIMIT).await.ok()?,
        })
    }

    /// The same call to a service at this address.
    pub(super) fn to(&self, address: &str) -> Option<http::Request<Full<Bytes>>> {
        let path = self.uri.path_and_query()?.as_str();
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(format!("{address}{path}"));
        let headers = request.headers_mut()?;
        *headers = self.headers.clone();
        use header::{ACCEPT_ENCODING, CONNECTION, HOST, TRANSFER_ENCODING};
        for name in [HOST, CONNECTION, ACCEPT_ENCODING, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        request.body(Full::new(self.body.clone())).ok()
    }

    /// What it is, without whom it concerns.
    pub(super) fn name(&self, service: &str) -> String {
        let path = self.uri.path();
        if let Some(rest) = path.strip_prefix("/rest/v1/") {
            return match rest.strip_prefix("rpc/") {
                Some(function) => format!("db {function}"),
                None => format!("db {} {rest}", self.method),
            };
        }
        if let Some(range) = self.headers.get(header::CONTENT_RANGE) {
            let asks = range.as_bytes().starts_with(b"bytes */");
            let what = if asks { "ask session" } else { "send piece" };
            return format!("{service} {what}");
        }
        let named = |part| if is_id(part) { "*" } else { part };
        let path: Vec<&str> = path.split('/').map(named).collect();
        format!("{service} {} {}", self.method, path.join("/"))
    }
}

fn is_id(part: &str) -> bool {
    let word = part.split('.').next().unwrap_or_default();
    (word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit()))
        || (word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests;
