//! The command line of `catalyst-dev crash`.

use std::path::PathBuf;
use std::time::Duration;

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct CrashArgs {
    /// Scripts that are each to become one public video.
    #[arg(long, default_value_t = 200)]
    pub(super) jobs: u32,
    /// Workers killed by SIGKILL.
    #[arg(long, default_value_t = 40)]
    pub(super) kills: u32,
    /// Workers stopped past their lease, which then go on.
    #[arg(long, default_value_t = 6)]
    pub(super) stalls: u32,
    /// Chooses which worker to kill or stall, and when.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 4)]
    pub(super) workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    pub(super) lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    pub(super) release: bool,
    /// Run this dispatcher instead, to see that the rig can fail (docs/reliability.md).
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) dispatcher: Option<PathBuf>,
    /// Switch the fencing off in the rig's own database, to see that the rig can fail (docs/reliability.md).
    #[arg(long, hide = true)]
    pub(super) unfenced: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    pub(super) keep: bool,
}

impl CrashArgs {
    pub(super) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease.into())
    }

    /// After this time whatever is not done counts as left running.
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs(180) + Duration::from_secs(1) * self.jobs
    }
}
