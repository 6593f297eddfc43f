//! Stands for the deployment: passes a wake-up to one of the workers, as a platform would, and a callback to the function
//! that takes the render service's callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use http::{StatusCode, header};
use sqlx::PgPool;
use stack::functions::launch;
use tokio::task::JoinHandle;

use super::workers::Workers;
use crate::{database::run, environment::Environment};

/// The function that takes callbacks.
const CALLBACKS: &str = "api_webhooks";
const BODY_LIMIT: usize = 4 * 1024 * 1024;

struct Deployment {
    workers: Arc<Workers>,
    /// The port of the function that takes callbacks.
    callbacks: u16,
}

/// Serves as long as it is not aborted. The address is put into the environment, and the scheduler is led there: the stack's own
/// dispatcher must not help, for nothing here kills it.
pub(super) async fn serve(
    workers: Arc<Workers>,
    environment: &mut BTreeMap<String, String>,
    database: &PgPool,
    rig: &Environment,
) -> Result<JoinHandle<()>> {
    let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
    let app_url = format!("http://127.0.0.1:{port}");
    environment.insert("APP_URL".to_owned(), app_url.clone());
    let redirect = "select vault.update_secret(id, $1) from vault.secrets where name = 'app_url'";
    run(database, redirect, (app_url,)).await?;
    let (binary, log) = (
        rig.options.binaries.join(CALLBACKS),
        rig.logs().join("callbacks.log"),
    );
    let launched = launch(&binary, environment, &log, "KILL").await?;
    let deployment = Arc::new(Deployment {
        workers,
        callbacks: launched.port,
    });
    Ok(tokio::spawn(async move {
        let _callbacks = launched.child;
        let app = axum::Router::new().fallback(pass).with_state(deployment);
        drop(axum::serve(listener, app).await);
    }))
}

async fn pass(State(deployment): State<Arc<Deployment>>, request: Request) -> StatusCode {
    let status = deployment.forward(request).await;
    status.unwrap_or(StatusCode::BAD_GATEWAY)
}

impl Deployment {
    /// The status of the answer.
    async fn forward(&self, request: Request) -> Option<StatusCode> {
        let port = match request.uri().path() {
            "/api/cron/dispatch" => fastrand::choice(self.workers.ports()),
            "/api/webhooks/revid" => Some(self.callbacks),
            _ => None,
        }?;
        let (parts, body) = request.into_parts();
        let url = format!("http://127.0.0.1:{port}{}", parts.uri.path_and_query()?);
        let mut headers = parts.headers;
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let request = self
            .workers
            .http
            .request(parts.method, url)
            .headers(headers);
        let body = to_bytes(body, BODY_LIMIT).await.ok()?;
        Some(request.body(body).send().await.ok()?.status())
    }
}
