//! How large the functions are, and how long a clean release build of all of them takes.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};

use super::report::Report;
use super::row::{Bound, Row};
use super::runs::Runs;
use crate::reports::{Reports, write_json};

/// How long the last clean build took.
const BUILD: &str = "build.json";

pub(super) fn measure(project: &Project, reports: &Reports, report: &mut Report) -> Result {
    let binaries = project.binaries(true);
    let sizes = project
        .functions()?
        .iter()
        .map(|(name, _)| file_size(&binaries.join(name)).map(|bytes| bytes / 1e6))
        .collect::<Result<Vec<f64>>>()?;
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    report.add(
        Row::new(
            "release binary, the largest function",
            "MB",
            Runs::once(largest),
        )
        .must(Bound::AtMost(8.0)),
    );
    report.add(Row::new(
        format!("release binaries, all {} together", sizes.len()),
        "MB",
        Runs::once(sizes.iter().sum()),
    ));
    let known = std::fs::read(reports.path(BUILD))
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .and_then(|known| known["seconds"].as_f64());
    if let Some(seconds) = known {
        report.add(
            Row::new(
                "clean release build of all functions",
                "s",
                Runs::once(seconds),
            )
            .note("measured by `catalyst-dev bench --build`"),
        );
    }
    Ok(())
}

/// Builds every function into an empty folder, and keeps how long it took for the next report.
///
/// # Errors
///
/// When the build fails.
pub(super) async fn build(project: &Project, reports: &Reports) -> Result {
    let folder = tempfile::Builder::new()
        .prefix("catalyst-build-")
        .tempdir()
        .map_err(Error::io("cannot make a temporary folder"))?;
    let began = Instant::now();
    let status = tokio::process::Command::new("cargo")
        .args(["build", "--locked", "--release"])
        .current_dir(project.root())
        .env("CARGO_TARGET_DIR", folder.path())
        .env("CARGO_BUILD_BUILD_DIR", folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(Error::io("cannot run cargo"))?;
    let seconds = began.elapsed().as_secs_f64();
    if !status.success() {
        return Err(Error::setup(
            "the release build failed",
            "see its messages above",
        ));
    }
    let path = reports.path(BUILD);
    write_json(&path, &json!({"seconds": seconds}))?;
    println!(
        "clean release build of all functions: {seconds:.0} s, kept in {}",
        path.display()
    );
    Ok(())
}

/// The size of a file in bytes.
fn file_size(path: &Path) -> Result<f64> {
    path.metadata()
        .map(|found| found.len() as f64)
        .map_err(Error::io(format!("{} is not built", path.display())))
}
