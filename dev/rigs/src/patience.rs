//! Waiting for what must come.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};

/// Asks again and again until it is so, or for longer than `patience`.
///
/// # Errors
///
/// When it has not come to what `what` says, or cannot be asked for.
pub(crate) async fn until(
    what: &str,
    patience: Duration,
    every: Duration,
    mut is_so: impl AsyncFnMut() -> Result<bool>,
) -> Result {
    let began = Instant::now();
    while !is_so().await? {
        if began.elapsed() > patience {
            let late = format!(
                "after {} s it has not come to this: {what}",
                patience.as_secs()
            );
            return Err(Error::setup(late, "see the logs beside the report"));
        }
        tokio::time::sleep(every).await;
    }
    Ok(())
}
