//! Clients of the outside services, all over one [`transport`].
//!
//! Each service has its folder: verbs in `mod.rs`, errors that a caller can act on in `error.rs`. A client takes
//! its base address from the configuration, so that tests and the local stack can put a stand-in there.

pub mod download;
pub mod gemini;
pub mod google_oauth;
pub mod revid;
pub mod transport;
pub mod webhook;
pub mod youtube;

use transport::Transport;

/// What the pipeline's steps and the functions share to reach the outside world: one connection pool.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    transport: Transport,
}

impl Clients {
    /// Opens nothing yet: the connection pool is built at the first call.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The clients of this process, whose calls are recorded. A function has one runtime for its whole life, so one pool
    /// serves it.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: std::sync::OnceLock<Clients> = std::sync::OnceLock::new();
        SHARED.get_or_init(|| {
            let observer = std::sync::Arc::new(crate::telemetry::recorder::call);
            Self::with_transport(Transport::new().observed_by(observer))
        })
    }

    /// Uses a transport made elsewhere, for example one with an observer.
    #[must_use]
    pub const fn with_transport(transport: Transport) -> Self {
        Self { transport }
    }

    /// The shared transport.
    #[must_use]
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }
}
