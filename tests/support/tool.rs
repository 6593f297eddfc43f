//! The operator's tool, beside the functions.

use std::{env, path::PathBuf, process::Command};

/// What the tool says to these words with these variables, and whether it was content.
#[allow(
    dead_code,
    reason = "two test binaries share this, and one runs the tool"
)]
pub(crate) fn tool(words: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
    let tests: PathBuf = env::current_exe().expect("this test's own path");
    let tool = tests
        .ancestors()
        .nth(2)
        .expect("the folder of the binaries")
        .join("catalyst");
    let output = Command::new(tool)
        .args(words)
        .envs(variables.iter().copied())
        .output()
        .expect("the tool runs: `cargo build -p catalyst-cli` builds it");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}
