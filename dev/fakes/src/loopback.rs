//! One server on a free port of the loopback address.

use std::io;

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Loopback {
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Loopback {
    /// Serves `app`.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub(crate) async fn serve(app: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            drop(axum::serve(listener, app).await);
        });
        Ok(Self { url, task })
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}
