//! The folder of a rig's reports.

use std::path::{Path, PathBuf};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::Value;

/// A folder of this rig in Cargo's target folder.
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
        std::fs::create_dir_all(&folder)
            .map_err(Error::io(format!("cannot make {}", folder.display())))?;
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

/// Seconds with one decimal.
pub(crate) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
