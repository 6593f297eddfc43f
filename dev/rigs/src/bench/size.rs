//! How large the functions are, and how long a clean release build of all of them takes.

use std::process::Stdio;
use std::time::Instant;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};

use super::report::Report;
use super::row::{Bound, Row, Runs};
use crate::environment::{Reports, write_json};

/// How long the last clean build took.
const BUILD: &str = "build.json";
/// It holds a library that the others do not need, and starts when a program asks, not when a page does.
const MCP: &str = "api_mcp";

pub(super) fn measure(project: &Project, reports: &Reports, report: &mut Report) -> Result {
    let mut sizes = Vec::new();
    for (name, _) in project.functions()? {
        let path = project.binaries(true).join(&name);
        let not_built = Error::io(format!("{} is not built", path.display()));
        sizes.push((name, path.metadata().map_err(not_built)?.len() as f64 / 1e6));
    }
    let largest = |is_mcp: bool| {
        let of = sizes.iter().filter(|(name, _)| (name == MCP) == is_mcp);
        Runs::once(of.map(|(_, size)| *size).fold(0.0, f64::max))
    };
    let name = "release binary, the largest function";
    report.add(Row::new(name, "MB", largest(false)).must(Bound::AtMost(8.0)));
    let name = "release binary, the function with the Model Context Protocol";
    report.add(Row::new(name, "MB", largest(true)).must(Bound::AtMost(10.0)));
    let name = format!("release binaries, all {} together", sizes.len());
    report.add(Row::new(
        name,
        "MB",
        Runs::once(sizes.iter().map(|(_, size)| size).sum()),
    ));
    let known = std::fs::read(reports.path(BUILD)).unwrap_or_default();
    let known: Value = serde_json::from_slice(&known).unwrap_or_default();
    if let Some(seconds) = known["seconds"].as_f64() {
        let row = Row::new(
            "clean release build of all functions",
            "s",
            Runs::once(seconds),
        );
        report.add(row.note("measured by `catalyst-dev bench --build`"));
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
    let path = path.display();
    println!("clean release build of all functions: {seconds:.0} s, kept in {path}");
    Ok(())
}
