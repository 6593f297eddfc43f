//! Receivers of webhooks that take a connection and never answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalyst_cli::error::{Error, Result};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Hangs until it is dropped.
pub(super) struct Hanging {
    pub(super) port: u16,
    taken: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Hanging {
    /// Listens on a free port.
    pub(super) async fn listen() -> Result<Self> {
        let failed = || Error::io("no free port");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed())?;
        let port = listener.local_addr().map_err(failed())?.port();
        let taken = Arc::new(AtomicU64::default());
        let count = Arc::clone(&taken);
        let serving = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                // Reads until the sender gives up.
                tokio::spawn(async move {
                    let mut received = [0; 1024];
                    while connection
                        .read(&mut received)
                        .await
                        .is_ok_and(|count| count > 0)
                    {}
                });
            }
        });
        Ok(Self {
            port,
            taken,
            serving,
        })
    }

    /// Connections that were taken.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
