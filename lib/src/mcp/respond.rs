//! A request of the protocol on its way to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use vercel_runtime::ResponseBody;

use super::server::Server;
use platform::config::Config;
use platform::endpoint::{Ctx, Problem, Raw, Reply};

/// Answers a request: of 2025-06-18 and earlier versions, or of 2026-07-28, which knows no sessions. Nothing is kept between
/// requests, because the next one meets another instance.
///
/// # Errors
///
/// None of its own: what is wrong with a request is said as the protocol says it.
pub async fn respond(ctx: Ctx, body: Bytes) -> Result<Reply<Raw>, Problem> {
    let request = request(&ctx, body)?;
    let mut rules = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(hosts(ctx.config()));
    if !ctx.is_from_allowed_page() {
        rules = rules.enforce_origin_validation();
    }
    let server = Server::new(ctx);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, rules);
    let (head, body) = service.handle(request).await.into_parts();
    let body = body.collect().await.map_err(Problem::internal)?.to_bytes();
    let body = ResponseBody::from(body);
    Ok(Reply::raw(Response::from_parts(head, body)))
}

/// The request as it came, under the name by which it was reached: the platform's edge keeps that in a header of its own.
fn request(ctx: &Ctx, body: Bytes) -> Result<Request<Full<Bytes>>, Problem> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.headers_mut() = ctx.headers().clone();
    if let Some(host) = ctx.header("x-forwarded-host") {
        let host = HeaderValue::from_str(host).map_err(Problem::internal)?;
        request.headers_mut().insert(HOST, host);
    }
    Ok(request)
}

/// The names by which programs may reach this deployment: a page of another name that leads here is a trick (DNS rebinding).
fn hosts(config: &Config) -> Vec<String> {
    let host = config.app.url.host_str().unwrap_or_default();
    match (host, config.app.url.port()) {
        ("localhost" | "127.0.0.1" | "[::1]", _) => ["localhost", "127.0.0.1", "::1"]
            .map(str::to_owned)
            .to_vec(),
        (host, Some(port)) => vec![format!("{host}:{port}")],
        (host, None) => vec![host.to_owned()],
    }
}
