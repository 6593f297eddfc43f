//! Calls a function for a request: what the edge adds, takes away and limits.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use http_body_util::Limited;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{
    error_page::{error_page, invocation_id, too_large},
    function::Function,
    processes::Processes,
};

/// Vercel's limit of a request's body.
const BODY_LIMIT: usize = 4_500_000;

/// The functions' processes, and the way to them.
#[derive(Debug)]
pub(super) struct Invoker {
    processes: Processes,
    client: Client<HttpConnector, Body>,
    /// Where people reach the functions.
    port: u16,
}

impl Invoker {
    pub(super) fn new(
        binaries: PathBuf,
        logs: PathBuf,
        environment: BTreeMap<String, String>,
        port: u16,
    ) -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(Duration::from_secs(20));
        Self {
            processes: Processes::new(binaries, logs, environment),
            client: client.build_http(),
            port,
        }
    }

    pub(super) async fn stop(&self) {
        self.processes.stop().await;
    }

    /// The function's answer, or the platform's when it gives none within `limit`. `query` is what a rewrite adds.
    pub(super) async fn call(
        &self,
        function: &Function,
        query: Vec<(String, String)>,
        limit: Duration,
        peer: SocketAddr,
        request: Request,
    ) -> Response {
        let port = match self.processes.port(&function.name).await {
            Ok(port) => port,
            Err(error) => {
                tracing::error!(function = function.name, "{error}");
                return failed(StatusCode::BAD_GATEWAY, &error.to_string());
            }
        };
        let request = match self.forwarded(request, port, query, peer) {
            Ok(request) => request,
            Err(refused) => return *refused,
        };
        match tokio::time::timeout(limit, self.client.request(request)).await {
            Ok(Ok(response)) => {
                let mut response = response.map(Body::new);
                strip_hop_by_hop(response.headers_mut());
                response
            }
            Ok(Err(error)) if has_cause(&error, "length limit exceeded") => too_large(),
            Ok(Err(error)) => {
                tracing::warn!(function = function.name, %error, "a function gave no answer");
                let text = "The function gave no answer; see its log.";
                failed(StatusCode::INTERNAL_SERVER_ERROR, text)
            }
            Err(_) => error_page(
                StatusCode::GATEWAY_TIMEOUT,
                "FUNCTION_INVOCATION_TIMEOUT",
                "The function took too long.",
            ),
        }
    }

    /// The request as the function on `port` gets it.
    fn forwarded(
        &self,
        mut request: Request,
        port: u16,
        query: Vec<(String, String)>,
        peer: SocketAddr,
    ) -> Result<Request, Box<Response>> {
        let Some(uri) = forwarded_uri(request.uri(), port, query) else {
            let text = "The address cannot be read.";
            return Err(Box::new(error_page(
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                text,
            )));
        };
        *request.uri_mut() = uri;
        self.forwarded_headers(request.headers_mut(), port, peer);
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > BODY_LIMIT) {
            return Err(Box::new(too_large()));
        }
        Ok(request.map(|body| Body::new(Limited::new(body, BODY_LIMIT))))
    }

    /// Sets what the edge sets. What the client sent under these names is overwritten.
    fn forwarded_headers(&self, headers: &mut HeaderMap, port: u16, peer: SocketAddr) {
        strip_hop_by_hop(headers);
        let internal: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with("x-vercel-"))
            .cloned()
            .collect();
        for name in internal {
            headers.remove(name);
        }
        let host = headers
            .get(header::HOST)
            .cloned()
            .unwrap_or_else(|| HeaderValue::from_static("localhost"));
        let client = peer.ip().to_string();
        let id = invocation_id();
        let deployment = host.to_str().unwrap_or("localhost").to_owned();
        for (name, value) in [
            ("x-forwarded-proto", "http".to_owned()),
            ("x-forwarded-port", self.port.to_string()),
            ("x-forwarded-for", client.clone()),
            ("x-real-ip", client.clone()),
            ("x-vercel-forwarded-for", client),
            ("x-vercel-id", id),
            ("x-vercel-deployment-url", deployment),
        ] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        headers.insert("x-forwarded-host", host);
        if let Ok(host) = HeaderValue::try_from(format!("127.0.0.1:{port}")) {
            headers.insert(header::HOST, host);
        }
    }
}

fn failed(status: StatusCode, text: &str) -> Response {
    error_page(status, "FUNCTION_INVOCATION_FAILED", text)
}

/// The address as the function sees it: the one the client sent, and copies of the parameters that it did not send.
fn forwarded_uri(uri: &Uri, port: u16, parameters: Vec<(String, String)>) -> Option<Uri> {
    let mut query = uri.query().unwrap_or_default().to_owned();
    for (name, value) in parameters {
        let sent = query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(&name));
        if !sent {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&format!("{name}={value}"));
        }
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("http://127.0.0.1:{port}{}{mark}{query}", uri.path())
        .parse()
        .ok()
}

fn has_cause(error: &dyn std::error::Error, text: &str) -> bool {
    let mut error = Some(error);
    while let Some(cause) = error {
        if cause.to_string().contains(text) {
            return true;
        }
        error = cause.source();
    }
    false
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    for name in [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ] {
        headers.remove(name);
    }
}
