//! What the processor executes for a start and for a request, counted by valgrind: the same on a busy machine.

use std::path::Path;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use tokio::process::Command;

use super::report::Report;
use super::routes::Route;
use super::row::{Bound, Row};
use super::runs::Runs;
use super::server::Server;
use super::testbed::Testbed;
use crate::reports::write_json;

/// Requests between two counts.
const REQUESTS: usize = 100;
/// A count may exceed its budget by this factor: what the kernel's timing does to it stays far below.
const SLACK: f64 = 1.05;
/// The budgets, in millions of instructions.
const BUDGETS: &str = "dev/rigs/instructions.json";

pub(super) async fn measure(
    testbed: &Testbed,
    project: &Project,
    report: &mut Report,
    write: bool,
) -> Result {
    let one = count(testbed, 1).await?;
    let many = count(testbed, 1 + REQUESTS).await?;
    let counted = [
        ("start", "instructions: start and first request", one),
        (
            "request",
            "instructions: one warm request",
            (many - one) / REQUESTS as f64,
        ),
    ];
    let path = project.root().join(BUDGETS);
    if write {
        let budgets: serde_json::Map<String, Value> = counted
            .iter()
            .map(|(name, _, millions)| {
                (
                    (*name).to_owned(),
                    json!((millions * 1000.0).round() / 1000.0),
                )
            })
            .collect();
        write_json(&path, &Value::Object(budgets))?;
    }
    let budgets = read(&path)?;
    for (name, title, millions) in counted {
        let budget = budgets[name].as_f64().ok_or_else(|| {
            Error::setup(
                format!("{BUDGETS} has no budget `{name}`"),
                "`catalyst-dev bench --write-budgets` writes it",
            )
        })?;
        report.add(
            Row::new(title, "M", Runs::once(millions))
                .limit(Runs::once(budget))
                .must(Bound::LimitAtMost(SLACK))
                .note("limit: the budget in dev/rigs/instructions.json"),
        );
    }
    Ok(())
}

/// Millions of instructions of a process that answers so many requests and is then ended.
async fn count(testbed: &Testbed, requests: usize) -> Result<f64> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let out = folder.path().join("callgrind.out");
    let function = Route::List.function();
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(testbed.binaries.join(function.binary));
    let server = Server::run(testbed, &mut command, "valgrind")?;
    server
        .wait_until_listening("a function under valgrind", Duration::from_secs(60))
        .await?;
    testbed.bypass_cache(&testbed.user).await?;
    let mut connection = server.connect().await?;
    for _ in 0..requests {
        connection.expect(&Route::List.request(testbed)).await?;
    }
    drop(connection);
    server.stop().await;
    let text = std::fs::read_to_string(&out).map_err(Error::io("valgrind wrote no counts"))?;
    text.lines()
        .find_map(|line| {
            line.strip_prefix("totals:")
                .or(line.strip_prefix("summary:"))
        })
        .and_then(|count| count.trim().parse::<f64>().ok())
        .map(|count| count / 1e6)
        .ok_or_else(|| {
            Error::setup(
                "valgrind's counts cannot be read",
                out.display().to_string(),
            )
        })
}

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path)
        .map_err(Error::io(format!("cannot read {}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::setup(
            format!("{} is not JSON: {error}", path.display()),
            "mend the file",
        )
    })
}
