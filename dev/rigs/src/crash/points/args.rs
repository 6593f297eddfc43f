//! The command line of `catalyst-dev crash-points`.

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct PointsArgs {
    /// Kill at this many points only, spread evenly over all; 0 kills at every one.
    #[arg(long, default_value_t = 0)]
    pub(super) points: usize,
    /// Occurrences of the schedule that are delivered twice while every step runs again.
    #[arg(long, default_value_t = 1_000)]
    pub(super) doubled: usize,
    /// Which of the points, when not all are taken.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 6)]
    pub(super) workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    pub(super) lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    pub(super) release: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    pub(super) keep: bool,
}
