//! The operator's tool, beside the functions.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::{env, path::PathBuf};

/// What the tool says to these words with these variables, and whether it was content.
#[allow(
    dead_code,
    reason = "two test binaries share this, and one runs the tool"
)]
pub(crate) fn tool(words: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
    tool_reading(words, variables, "")
}

/// The same with this on its standard input.
#[allow(
    dead_code,
    reason = "two test binaries share this, and one runs the tool"
)]
pub(crate) fn tool_reading(
    words: &[&str],
    variables: &[(&str, &str)],
    input: &str,
) -> (bool, String) {
    let tests: PathBuf = env::current_exe().expect("this test's own path");
    let tool = tests
        .ancestors()
        .nth(2)
        .expect("the folder of the binaries")
        .join("catalyst");
    let mut child = Command::new(tool)
        .args(words)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool runs: `cargo build -p catalyst-cli` builds it");
    let mut stdin = child.stdin.take().expect("it was piped");
    // A tool that reads nothing may have ended by now.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    let output = child.wait_with_output().expect("the tool ends");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}
