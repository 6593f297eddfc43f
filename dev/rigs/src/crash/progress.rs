//! How far the jobs have come.

use std::fmt;

use catalyst_cli::error::Result;
use sqlx::PgPool;

use crate::database::row;

/// How far the jobs have come.
#[derive(sqlx::FromRow)]
pub(super) struct Progress {
    jobs: i64,
    rendered: i64,
    uploaded: i64,
    open: i64,
    steps: i64,
}

impl Progress {
    pub(super) async fn read(database: &PgPool) -> Result<Self> {
        row(database, "select * from crash_rig.progress", ()).await
    }

    /// Whether every upload is where it shall be and nothing is under way.
    pub(super) fn is_over(&self) -> bool {
        self.uploaded == self.jobs && self.open == 0 && self.steps == 0
    }

    /// The part that is done.
    pub(super) fn share(&self) -> f64 {
        (self.rendered + self.uploaded) as f64 / (2 * self.jobs.max(1)) as f64
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            jobs,
            rendered,
            uploaded,
            ..
        } = self;
        write!(f, "{rendered} rendered, {uploaded} on YouTube of {jobs}")
    }
}
