//! Where the parts of a stack listen.

use catalyst_cli::{
    error::{Error, Result},
    postgres::cluster,
    process,
};
use tokio::net::TcpListener;

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Data API and Auth.
    pub gateway: u16,
    /// Postgres.
    pub postgres: u16,
    /// The functions.
    pub functions: u16,
    /// Google, YouTube, Gemini, RevID and Slack stand-ins.
    pub stand_ins: [u16; 5],
}

impl Ports {
    /// Those of `supabase start` and `vercel dev`.
    pub const USUAL: Self = Self {
        gateway: 54321,
        postgres: cluster::USUAL_PORT,
        functions: 3000,
        stand_ins: [54331, 54332, 54333, 54334, 54335],
    };

    /// Ports that nothing listens on.
    pub fn free() -> Result<Self> {
        // All are held until all are found, so that none is found twice.
        let held: Vec<_> = (0..8)
            .map(|_| process::free_listener())
            .collect::<std::io::Result<_>>()
            .map_err(Error::io("no free port"))?;
        let mut ports = [0; 8];
        for (port, listener) in ports.iter_mut().zip(&held) {
            *port = listener
                .local_addr()
                .map_err(Error::io("no free port"))?
                .port();
        }
        let [gateway, postgres, functions, stand_ins @ ..] = ports;
        Ok(Self {
            gateway,
            postgres,
            functions,
            stand_ins,
        })
    }
}

/// Listens on a port of this machine for a part of the stack.
pub(crate) async fn listen(port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| {
            Error::setup(
                format!("port {port}, for {what}, cannot be had: {error}"),
                "is another stack running? `catalyst-dev down` stops the one of this folder",
            )
        })
}
