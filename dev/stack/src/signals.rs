//! The signals that end a command.

use std::pin::Pin;

use catalyst_cli::error::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, `kill`, or the end of the terminal, none of which ends this process from now on.
pub(crate) fn interruption() -> Result<Pin<Box<impl Future<Output = ()>>>> {
    let listen = |kind| signal(kind).map_err(Error::io("cannot listen to signals"));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hangup = listen(SignalKind::hangup())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }))
}
