//! The edge of the platform: leads each request to a redirect, a function or a file.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use tokio::net::TcpListener;

use super::{
    deployment::{Deployment, Destination},
    error_page,
    invoke::Invoker,
    static_files,
};
use catalyst_cli::{error::Result, project::Project};

/// Serves functions and static files.
#[derive(Debug)]
pub struct Platform {
    deployment: Deployment,
    invoker: Invoker,
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
        Ok(Arc::new(Self {
            deployment: Deployment::of(project)?,
            invoker: Invoker::new(binaries, logs, environment, port),
        }))
    }

    /// Serves for as long as it is polled.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let service = Router::new()
            .fallback(answer)
            .with_state(self)
            .into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%error, "the functions' router stopped");
        }
    }

    /// Ends every function.
    pub async fn stop(&self) {
        self.invoker.stop().await;
    }
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let rules = platform.deployment.rules();
    let destination = platform.deployment.route(request.uri(), request.headers());
    let is_file = matches!(destination, Destination::File(_));
    let mut response = match destination {
        Destination::Redirect(target, status) => {
            (status, [(header::LOCATION, target)]).into_response()
        }
        Destination::Function(function, query) => {
            let limit = rules.duration(&function.file);
            platform
                .invoker
                .call(function, query, limit, peer, request)
                .await
        }
        Destination::File(file) => static_files::serve(&file, request).await,
        Destination::NotFound => error_page::not_found(),
    };
    for (name, value) in rules.headers(&path) {
        // A function's own header wins over the rule.
        response
            .headers_mut()
            .entry(name)
            .or_insert_with(|| value.clone());
    }
    if is_file {
        // And the rule's over what files have otherwise.
        let revalidate = HeaderValue::from_static("public, max-age=0, must-revalidate");
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(revalidate);
    }
    response
}
