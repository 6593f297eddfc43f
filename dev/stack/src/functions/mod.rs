//! The functions on one port, as the platform would serve them.

mod process;
mod routes;
mod site;
mod vercel;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::Limited;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, task::JoinHandle};

pub use process::{Processes, StartError};
pub use routes::{Function, Functions};
pub use site::{Met, Site};
pub use vercel::Rules;

use catalyst_cli::{error::Result, project::Project};

/// Vercel's limit of a request's body.
const BODY_LIMIT: usize = 4_500_000;

/// Serves functions and static files.
#[derive(Debug)]
pub struct Platform {
    site: Site,
    processes: Processes,
    client: Client<HttpConnector, Body>,
    /// Where people reach it.
    port: u16,
}

impl Platform {
    /// The project's functions, to be reached on `port`, each with the environment given.
    pub fn new(
        project: &Project,
        binaries: PathBuf,
        logs: PathBuf,
        environment: BTreeMap<String, String>,
        port: u16,
    ) -> Result<Arc<Self>> {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(Duration::from_secs(20));
        Ok(Arc::new(Self {
            site: Site::of(project)?,
            processes: Processes::new(binaries, logs, environment),
            client: client.build_http(),
            port,
        }))
    }

    /// The functions it serves.
    pub fn functions(&self) -> &Functions {
        self.site.functions()
    }

    /// Serves until the task is aborted.
    pub fn serve(self: &Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        let router = Router::new().fallback(answer).with_state(Arc::clone(self));
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            if let Err(error) = axum::serve(listener, service).await {
                tracing::error!(%error, "the functions' router stopped");
            }
        })
    }

    /// Ends every function.
    pub async fn stop(&self) {
        self.processes.stop().await;
    }

    async fn call(
        &self,
        function: &Function,
        query: Vec<(String, String)>,
        peer: SocketAddr,
        mut request: Request,
    ) -> Response {
        let port = match self.processes.port(&function.name).await {
            Ok(port) => port,
            Err(error) => {
                tracing::error!(function = function.name, "{error}");
                return failure(
                    StatusCode::BAD_GATEWAY,
                    "FUNCTION_INVOCATION_FAILED",
                    &error.to_string(),
                );
            }
        };
        let Some(uri) = forwarded_uri(request.uri(), port, query) else {
            return failure(
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                "The address cannot be read.",
            );
        };
        *request.uri_mut() = uri;
        self.forwarded_headers(request.headers_mut(), port, peer);
        if request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok())
            .is_some_and(|length: usize| length > BODY_LIMIT)
        {
            return too_large();
        }
        let request = request.map(|body| Body::new(Limited::new(body, BODY_LIMIT)));
        match tokio::time::timeout(
            self.site.rules().duration(&function.file),
            self.client.request(request),
        )
        .await
        {
            Ok(Ok(response)) => {
                let mut response = response.map(Body::new);
                strip_hop_by_hop(response.headers_mut());
                response
            }
            Ok(Err(error)) if has_cause(&error, "length limit exceeded") => too_large(),
            Ok(Err(error)) => {
                tracing::warn!(function = function.name, %error, "a function gave no answer");
                failure(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "FUNCTION_INVOCATION_FAILED",
                    "The function gave no answer; see its log.",
                )
            }
            Err(_) => failure(
                StatusCode::GATEWAY_TIMEOUT,
                "FUNCTION_INVOCATION_TIMEOUT",
                "The function took too long.",
            ),
        }
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

async fn answer(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let met = platform.site.meets(request.uri(), request.headers());
    let is_file = matches!(met, Met::File(_));
    let mut response = give(&platform, met, peer, request).await;
    for (name, value) in platform.site.rules().headers(&path) {
        // A function's own header wins over the rule.
        response
            .headers_mut()
            .entry(name)
            .or_insert_with(|| value.clone());
    }
    if is_file {
        // And the rule's over what files have otherwise.
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(
                "public, max-age=0, must-revalidate",
            ));
    }
    response
}

async fn give(platform: &Platform, met: Met<'_>, peer: SocketAddr, request: Request) -> Response {
    match met {
        Met::Redirect(target, status) => (status, [(header::LOCATION, target)]).into_response(),
        Met::Function(function, query) => platform.call(function, query, peer, request).await,
        Met::File(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            let mut response = failure(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "A file can only be read",
            );
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
        Met::File(file) => file_answer(&file).await,
        Met::Nothing => not_found(),
    }
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

async fn file_answer(file: &std::path::Path) -> Response {
    let Ok(bytes) = tokio::fs::read(file).await else {
        return not_found();
    };
    let kind = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

fn not_found() -> Response {
    failure(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "The page could not be found",
    )
}

/// An error page of the platform: never ours, never JSON.
fn failure(status: StatusCode, code: &'static str, text: &str) -> Response {
    let id = invocation_id();
    let mut response = (
        status,
        [("x-vercel-error", code)],
        format!("{text}\n\n{code}\n\n{id}\n"),
    )
        .into_response();
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-vercel-id", id);
    }
    response
}

fn too_large() -> Response {
    failure(
        StatusCode::PAYLOAD_TOO_LARGE,
        "FUNCTION_PAYLOAD_TOO_LARGE",
        "Request Entity Too Large",
    )
}

fn invocation_id() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    format!(
        "dev1::{}-{now}-{:012x}",
        fastrand::alphanumeric(),
        fastrand::u64(..) >> 16
    )
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
