//! The command line of `catalyst-dev bench`.

use std::path::PathBuf;
use std::time::Duration;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Only these parts: size, scoring, sync, start, warm, saturation, steps, publish, instructions, growth.
    #[arg(long, value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Videos behind the largest list, and records behind the metrics; ten million take 12 GB of disk.
    #[arg(long, default_value_t = 10_000_000)]
    pub(super) rows: i32,
    /// A real channel to synchronise: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    pub(super) catalog: Option<PathBuf>,
    /// Make what is counted now the budget of instructions.
    #[arg(long)]
    pub(super) write_budgets: bool,
    /// End after so long with the rows that were measured by then; ten minutes, and longer for more rows, without it.
    #[arg(long, value_name = "SECONDS")]
    pub(super) time_limit: Option<u64>,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    pub(super) write_docs: bool,
    /// Measure a clean release build instead, for the next report.
    #[arg(long)]
    pub(super) build: bool,
}

impl BenchArgs {
    pub(super) fn time_limit(&self) -> Duration {
        let more_rows = self.rows.saturating_sub(10_000_000) / 50_000;
        let usual = 600 + u64::try_from(more_rows).unwrap_or_default();
        Duration::from_secs(self.time_limit.unwrap_or(usual))
    }
}
