//! Starts the proxy: a port of its own for each service.

use std::sync::Arc;

use axum::Router;
use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use tokio::task::JoinSet;

use super::caller::{Caller, WatchedListener};
use super::intercept::{Gate, handle};
use super::proxy::{FaultProxy, Upstream};

/// Stands in front of these services for as long as the tasks are held.
pub(super) fn start(services: &[(&'static str, String)]) -> Result<(Arc<FaultProxy>, JoinSet<()>)> {
    let mut upstreams = Vec::new();
    let mut listeners = Vec::new();
    for (name, address) in services {
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        upstreams.push(Upstream {
            name,
            address: address.clone(),
            proxy_address: format!("http://127.0.0.1:{port}"),
        });
        listeners.push((listener, port));
    }
    let proxy = Arc::new(FaultProxy::new(upstreams));
    let mut tasks = JoinSet::new();
    for (upstream, (listener, port)) in listeners.into_iter().enumerate() {
        let gate = Gate {
            proxy: Arc::clone(&proxy),
            upstream,
        };
        let listener = WatchedListener {
            listener,
            port,
            proxy: Arc::clone(&proxy),
        };
        let service = Router::new()
            .fallback(handle)
            .with_state(gate)
            .into_make_service_with_connect_info::<Caller>();
        tasks.spawn(async move { drop(axum::serve(listener, service).await) });
    }
    Ok((proxy, tasks))
}
