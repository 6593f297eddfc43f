//! The same functions in TypeScript, installed and compiled.

use std::path::PathBuf;
use std::process::Stdio;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;

/// Where the functions in TypeScript are.
pub(super) fn folder(project: &Project) -> PathBuf {
    project.root().join("dev/rigs/peer")
}

/// Installs and compiles them, as their lock file says.
pub(super) async fn build(project: &Project) -> Result {
    let folder = folder(project);
    for words in [
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"][..],
        &["run", "--silent", "build"],
    ] {
        let status = tokio::process::Command::new("npm")
            .args(words)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .await
            .map_err(Error::io("cannot run npm"))?;
        if !status.success() {
            return Err(Error::setup(
                format!("`npm {}` failed in {}", words[0], folder.display()),
                "is the network there? It is needed once",
            ));
        }
    }
    Ok(())
}
