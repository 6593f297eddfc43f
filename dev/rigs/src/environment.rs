//! What every rig runs in: a stack of its own that is thrown away, logs that are kept, and a folder for reports.

use std::path::{Path, PathBuf};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{cluster, throwaway_folder};
use catalyst_cli::project::Project;
use serde_json::Value;
use stack::{Options, Stack, keep_logs};

/// The folders of a rig, and what its stack is started with.
pub(crate) struct Environment {
    /// What the stack is started with.
    pub(crate) options: Options,
    /// Where its reports stand.
    pub(crate) reports: Reports,
    state: tempfile::TempDir,
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
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        options.variables.extend(variables);
        Ok(Self {
            options,
            reports,
            state,
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
        let mut stack = Stack::start(project, &self.options).await?;
        let report = rig(&mut stack, &self).await;
        let reports = self.close(stack, logs, keep).await;
        Ok((report?, reports))
    }

    /// Where the stack writes its logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.state.path().join("logs")
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

/// The folder of a rig's reports in Cargo's target folder.
pub(crate) struct Reports(PathBuf);

impl Reports {
    /// The folder for a rig of this name, made when it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(crate) fn of(project: &Project, name: &str, release: bool) -> Result<Self> {
        let binaries = project.binaries(release);
        let folder = binaries.parent().unwrap_or(&binaries).join(name);
        let failed = Error::io(format!("cannot make {}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Self(folder))
    }

    /// Where a file of this name stands in it.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Writes a report and says where it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self, file: &str, report: &Value) -> Result {
        let path = self.path(file);
        write_json(&path, report)?;
        println!("  report      {}", path.display());
        Ok(())
    }
}

/// Writes a value for people to read.
///
/// # Errors
///
/// When it cannot be written.
pub(crate) fn write_json(path: &Path, value: &Value) -> Result {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    std::fs::write(path, text + "\n").map_err(Error::io(format!("cannot write {}", path.display())))
}

/// Prints a text in which `{name}` stands for what the report holds under that name.
pub(crate) fn tell(report: &Value, text: &str) {
    let mut text = text.to_owned();
    for (name, value) in report.as_object().into_iter().flatten() {
        text = text.replace(&format!("{{{name}}}"), &value.to_string());
    }
    println!("{text}");
}

/// Seconds with one decimal.
pub(crate) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
