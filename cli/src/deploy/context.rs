//! What every step is given.

use std::time::{Duration, Instant};

use super::api::Api;
use super::kept::Kept;
use super::refusal::stop;
use super::report::Report;
use super::wanted::Wanted;
use crate::Result;
use crate::project::Project;

/// A run.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) checkout: Project,
    pub(super) wanted: Wanted,
    pub(super) supabase: Api,
    pub(super) vercel: Api,
    pub(super) kept: Kept,
    pub(super) report: Report,
    /// How long what a service makes by itself may take.
    pub(super) patience: Duration,
}

impl Context {
    /// Looks again and again until something is there.
    ///
    /// # Errors
    ///
    /// When a look fails, or patience ends first.
    pub(super) async fn until<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let began = Instant::now();
        let mut said = false;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if began.elapsed() > self.patience {
                let problem = format!("{what} takes longer than {} s", self.patience.as_secs());
                return Err(stop(
                    problem,
                    "nothing is lost: look at the service's dashboard",
                ));
            }
            if !said {
                self.report.say(&format!("wait    {what}"));
                said = true;
            }
            tokio::time::sleep(self.supabase.pause).await;
        }
    }
}
