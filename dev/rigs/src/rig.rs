//! What every rig stands on: a stack of its own that is thrown away, logs that are kept, and a report.

use std::path::{Path, PathBuf};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Durability, cluster, throwaway_folder};
use catalyst_cli::project::Project;
use clients::revid::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest};
use serde_json::Value;
use stack::{Options, Ports, Stack, keep_logs, passed_variables};

/// The folders of a rig, and what its stack is started with.
pub(crate) struct Ground {
    /// What the stack is started with.
    pub(crate) options: Options,
    state: tempfile::TempDir,
    reports: Reports,
}

impl Ground {
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
        let binaries = project.binaries(release);
        let reports = Reports(binaries.parent().unwrap_or(&binaries).join(name));
        std::fs::create_dir_all(&reports.0)
            .map_err(Error::io(format!("cannot make {}", reports.0.display())))?;
        let state = throwaway_folder()?;
        let mut passed = passed_variables(project);
        for (name, value) in variables {
            passed.insert((*name).to_owned(), (*value).to_owned());
        }
        Ok(Self {
            options: Options {
                binaries,
                state: state.path().to_owned(),
                ports: Ports::free()?,
                durability: Durability::Throwaway,
                variables: passed,
                supabase: None,
                catalog: None,
            },
            state,
            reports,
        })
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
    pub(crate) fn reports(&self) -> &Path {
        &self.reports.0
    }

    /// Stops the stack, puts its logs into `logs` beside the reports, and removes the rest unless it is to be kept.
    pub(crate) async fn close(self, stack: Stack, logs: &str, keep: bool) -> Reports {
        stack.stop().await;
        keep_logs(&self.logs(), &self.reports.0.join(logs));
        if keep {
            println!("the stack's folder is {}", self.state.keep().display());
        } else if let Err(error) = cluster::remove(self.state.path()) {
            tracing::warn!(error = %error, "the database could not be removed");
        }
        self.reports
    }
}

/// The folder of a rig's reports.
pub(crate) struct Reports(PathBuf);

impl Reports {
    /// Writes a report and says where it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self, file: &str, report: &Value) -> Result {
        let path = self.0.join(file);
        let text = serde_json::to_string_pretty(report).unwrap_or_default();
        std::fs::write(&path, text)
            .map_err(Error::io(format!("cannot write {}", path.display())))?;
        println!("  report      {}", path.display());
        Ok(())
    }
}

/// What a rig asks the render service for; its script is filled in by whoever stores it.
pub(crate) fn video_request() -> VideoRequest {
    VideoRequest {
        script: String::new(),
        aspect: Aspect::Portrait,
        language: "en-US".to_owned(),
        footage: Footage::default(),
        quality: Quality::default(),
        resolution: Resolution::default(),
        captions: Captions::default(),
        music: true,
        voice: None,
    }
}
