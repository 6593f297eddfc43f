//! A thread and a runtime of its own for a measurement.
//!
//! The gateway and the stand-ins live in this process. A client that shared their threads would be woken by them, as no
//! client of a deployment is.

use std::future::Future;

use catalyst_cli::error::{Error, Result};

/// Runs a measurement there. What it opens has to be closed in it.
pub(super) fn on_own_runtime(work: impl Future<Output = Result> + Send) -> Result {
    tokio::task::block_in_place(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::io("cannot make a runtime"))?;
        std::thread::scope(|scope| {
            let measuring = scope.spawn(|| runtime.block_on(work));
            let broke = |_| Error::setup("a measurement panicked", "this is a fault of the tool");
            measuring.join().map_err(broke)?
        })
    })
}
