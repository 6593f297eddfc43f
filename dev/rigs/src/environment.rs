//! What every rig runs in: a stack of its own that is thrown away, logs that are kept, and a folder for reports.

use std::path::PathBuf;

use catalyst_cli::error::Result;
use catalyst_cli::postgres::{cluster, throwaway_folder};
use catalyst_cli::project::Project;
use serde_json::Value;
use stack::{Options, Stack, keep_logs};

use crate::reports::Reports;

/// The folders of a rig, and what its stack is started with.
pub(crate) struct Environment {
    /// What the stack is started with.
    pub(crate) options: Options,
    state: tempfile::TempDir,
    reports: Reports,
}

impl Environment {
    /// A rig whose reports stand under `name` in Cargo's target folder. Its functions get `variables` besides what the
    /// project passes on.
    ///
    /// # Errors
    ///
    /// When a folder cannot be made, or no ports are free.
    pub(crate) fn new(
        project: &Project,
        name: &str,
        release: bool,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let reports = Reports::of(project, name, release)?;
        let state = throwaway_folder()?;
        let mut options = Options::throwaway(project, release, state.path())?;
        for (name, value) in variables {
            options
                .variables
                .insert((*name).to_owned(), (*value).to_owned());
        }
        Ok(Self {
            options,
            state,
            reports,
        })
    }

    /// Runs a rig on a stack that is started for it and stopped afterwards; its report, and where that is to be written.
    ///
    /// # Errors
    ///
    /// As [`Stack::start`], and those of the rig.
    pub(crate) async fn run(
        self,
        project: &Project,
        logs: &str,
        keep: bool,
        rig: impl AsyncFnOnce(&mut Stack, &Self) -> Result<Value>,
    ) -> Result<(Value, Reports)> {
        let mut stack = self.start(project).await?;
        let report = rig(&mut stack, &self).await;
        let reports = self.close(stack, logs, keep).await;
        Ok((report?, reports))
    }

    /// Starts its stack.
    ///
    /// # Errors
    ///
    /// As [`Stack::start`].
    pub(crate) async fn start(&self, project: &Project) -> Result<Stack> {
        Stack::start(project, &self.options).await
    }

    /// Where the stack writes its logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.state.path().join("logs")
    }

    /// Where its reports stand.
    pub(crate) fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Stops the stack, puts its logs into `logs` beside the reports, and removes the rest unless it is to be kept.
    pub(crate) async fn close(self, stack: Stack, logs: &str, keep: bool) -> Reports {
        stack.stop().await;
        let kept = self.reports.path(logs);
        keep_logs(&self.logs(), &kept);
        println!("  logs        {}", kept.display());
        if keep {
            println!("the stack's folder is {}", self.state.keep().display());
        } else if let Err(error) = cluster::remove(self.state.path()) {
            tracing::warn!(error = %error, "the database could not be removed");
        }
        self.reports
    }
}
