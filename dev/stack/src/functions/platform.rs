//! The edge of the platform: leads each request to a redirect, a function or a file. What it adds to a call of a function,
//! takes away and limits is what the platform does.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use catalyst_cli::{error::Result, project::Project};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use http_body_util::Limited;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use super::deployment::{Deployment, Destination, Function};
use super::processes::Processes;
use super::static_files::{self, error_page, invocation_id, not_found};

/// Vercel's limit of a request's body.
const BODY_LIMIT: usize = 4_500_000;
/// What concerns one connection only.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Serves functions and static files.
#[derive(Debug)]
pub struct Platform {
    deployment: Deployment,
    processes: Processes,
    client: Client<HttpConnector, Body>,
    /// Where people reach the functions.
    port: u16,
    /// What the pages may call beside them.
    supabase_url: String,
}

impl Platform {
    /// The project's functions, to be reached on `port`, each with the environment given.
    ///
    /// # Errors
    ///
    /// When the manifest or `vercel.json` cannot be read.
    pub fn new(
        project: &Project,
        binaries: PathBuf,
        logs: PathBuf,
        environment: BTreeMap<String, String>,
        port: u16,
    ) -> Result<Arc<Self>> {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(Duration::from_secs(20));
        let supabase_url = environment.get("SUPABASE_URL").cloned().unwrap_or_default();
        Ok(Arc::new(Self {
            deployment: Deployment::of(project)?,
            processes: Processes::new(binaries, logs, environment),
            client: client.build_http(),
            port,
            supabase_url,
        }))
    }

    /// Serves for as long as it is polled.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        // What functions answer is theirs, to the byte.
        let of_a_file = |_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions| {
            extensions.get::<Published>().is_some()
        };
        let compression =
            CompressionLayer::new().compress_when(DefaultPredicate::new().and(of_a_file));
        let router = Router::new()
            .fallback(answer)
            .with_state(self)
            .layer(compression);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%error, "the functions' router stopped");
        }
    }

    /// Ends every function.
    pub async fn stop(&self) {
        self.processes.stop().await;
    }

    /// The function's answer, or the platform's when it gives none in its time. `query` is what a rewrite adds.
    async fn call(
        &self,
        function: &Function,
        query: Vec<(String, String)>,
        peer: SocketAddr,
        mut request: Request,
    ) -> Response {
        let failed = |status, text: &str| error_page(status, "FUNCTION_INVOCATION_FAILED", text);
        let port = match self.processes.port(&function.name).await {
            Ok(port) => port,
            Err(error) => {
                tracing::error!(function = function.name, "{error}");
                return failed(StatusCode::BAD_GATEWAY, &error.to_string());
            }
        };
        let Some(uri) = forwarded_uri(request.uri(), port, query) else {
            let text = "The address cannot be read.";
            return error_page(StatusCode::BAD_REQUEST, "INVALID_REQUEST", text);
        };
        *request.uri_mut() = uri;
        forward_headers(request.headers_mut(), self.port, port, peer);
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: usize| length > BODY_LIMIT) {
            return too_large();
        }
        let request = request.map(|body| Body::new(Limited::new(body, BODY_LIMIT)));
        let limit = self.deployment.rules().duration(&function.file);
        match tokio::time::timeout(limit, self.client.request(request)).await {
            Ok(Ok(response)) => {
                let mut response = response.map(Body::new);
                strip_hop_by_hop(response.headers_mut());
                response
            }
            Ok(Err(error)) if is_too_long(&error) => too_large(),
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
}

/// Marks the answer that shows a file.
#[derive(Clone, Copy, Debug)]
struct Published;

async fn answer(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let destination = platform.deployment.route(request.uri(), request.headers());
    let is_file = matches!(destination, Destination::File(_));
    let mut response = match destination {
        Destination::Redirect(target, status) => {
            (status, [(header::LOCATION, target)]).into_response()
        }
        Destination::Function(function, query) => {
            platform.call(function, query, peer, request).await
        }
        Destination::File(file) => {
            static_files::serve(&file, &platform.supabase_url, request).await
        }
        Destination::NotFound => not_found(),
    };
    let headers = response.headers_mut();
    for (name, value) in platform.deployment.rules().headers(&path) {
        // A function's own header wins over the rule.
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if is_file {
        response.extensions_mut().insert(Published);
        let headers = response.headers_mut();
        // And the rule's over what files have otherwise.
        let revalidate = HeaderValue::from_static("public, max-age=0, must-revalidate");
        headers.entry(header::CACHE_CONTROL).or_insert(revalidate);
    }
    response
}

/// Sets what the edge sets for a function on `to` that is reached on `port`. What the client sent under these names is
/// overwritten.
fn forward_headers(headers: &mut HeaderMap, port: u16, to: u16, peer: SocketAddr) {
    strip_hop_by_hop(headers);
    let sent: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in sent
        .iter()
        .filter(|name| name.as_str().starts_with("x-vercel-"))
    {
        headers.remove(name);
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("localhost").to_owned();
    let client = peer.ip().to_string();
    for (name, value) in [
        ("host", format!("127.0.0.1:{to}")),
        ("x-forwarded-host", host.clone()),
        ("x-forwarded-proto", "http".to_owned()),
        ("x-forwarded-port", port.to_string()),
        ("x-forwarded-for", client.clone()),
        ("x-real-ip", client.clone()),
        ("x-vercel-forwarded-for", client),
        ("x-vercel-id", invocation_id()),
        ("x-vercel-deployment-url", host),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
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
            let and = if query.is_empty() { "" } else { "&" };
            query.push_str(&format!("{and}{name}={value}"));
        }
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("http://127.0.0.1:{port}{}{mark}{query}", uri.path())
        .parse()
        .ok()
}

/// Whether a request failed because its body is longer than the limit.
fn is_too_long(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| cause.to_string().contains("length limit exceeded"))
}

fn too_large() -> Response {
    let text = "Request Entity Too Large";
    error_page(
        StatusCode::PAYLOAD_TOO_LARGE,
        "FUNCTION_PAYLOAD_TOO_LARGE",
        text,
    )
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}
