//! The signals that end a command.

use catalyst_cli::error::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Ctrl-C, `kill`, and the end of the terminal.
#[derive(Debug)]
pub(crate) struct Signals([tokio::signal::unix::Signal; 3]);

impl Signals {
    pub(crate) fn new() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(Error::io("cannot listen to signals"));
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    pub(crate) async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
