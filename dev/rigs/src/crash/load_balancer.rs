//! Stands for the deployment: passes a wake-up to one of the workers, as a platform would, and a callback to the function
//! that takes callbacks.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use catalyst_cli::error::Result;
use http::{StatusCode, header};
use stack::http_client;
use tokio::net::TcpListener;

use super::dispatchers::Dispatchers;

const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Where requests are passed to.
pub(super) struct LoadBalancer {
    dispatchers: Arc<Dispatchers>,
    callbacks: u16,
    http: reqwest::Client,
}

impl LoadBalancer {
    /// `callbacks` is the port of the function that takes the render service's callbacks.
    pub(super) fn new(dispatchers: Arc<Dispatchers>, callbacks: u16) -> Result<Arc<Self>> {
        let http = http_client::with_timeout(Duration::from_secs(5))?;
        Ok(Arc::new(Self {
            dispatchers,
            callbacks,
            http,
        }))
    }

    /// Serves for as long as it is polled.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let app = axum::Router::new().fallback(pass).with_state(self);
        drop(axum::serve(listener, app).await);
    }

    fn port(&self, path: &str) -> Option<u16> {
        match path {
            "/api/cron/dispatch" => fastrand::choice(self.dispatchers.ports()),
            "/api/webhooks/revid" => Some(self.callbacks),
            _ => None,
        }
    }

    /// The status of the answer.
    async fn forward(&self, request: Request) -> Option<StatusCode> {
        let port = self.port(request.uri().path())?;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query()?.as_str();
        let mut headers = parts.headers;
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let answer = self
            .http
            .request(parts.method, format!("http://127.0.0.1:{port}{path}"))
            .headers(headers)
            .body(to_bytes(body, BODY_LIMIT).await.ok()?)
            .send()
            .await;
        Some(answer.ok()?.status())
    }
}

async fn pass(State(balancer): State<Arc<LoadBalancer>>, request: Request) -> StatusCode {
    balancer
        .forward(request)
        .await
        .unwrap_or(StatusCode::BAD_GATEWAY)
}
