//! What the processor executes for a start and for a request, counted by valgrind: the same on a busy machine.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use tokio::process::Command;

use super::row::{Bound, Row, Runs};
use super::{report::Report, routes::Route, server::Server, testbed::Testbed};
use crate::environment::write_json;

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
    let warm = (many - one) / REQUESTS as f64;
    let counted = [
        ("start", "instructions: start and first request", one),
        ("request", "instructions: one warm request", warm),
    ];
    let path = project.root().join(BUDGETS);
    if write {
        let mut budgets = json!({});
        for (name, _, millions) in counted {
            budgets[name] = json!((millions * 1000.0).round() / 1000.0);
        }
        write_json(&path, &budgets)?;
    }
    let text =
        std::fs::read_to_string(&path).map_err(Error::io(format!("cannot read {BUDGETS}")))?;
    let budgets: Value = serde_json::from_str(&text)
        .map_err(|error| Error::setup(format!("{BUDGETS} is not JSON"), error.to_string()))?;
    for (name, title, millions) in counted {
        let Some(budget) = budgets[name].as_f64() else {
            let missing = format!("{BUDGETS} has no budget `{name}`");
            return Err(Error::setup(
                missing,
                "`catalyst-dev bench --write-budgets` writes it",
            ));
        };
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
    command.args(["--tool=callgrind", "--quiet"]);
    command.arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(testbed.binaries.join(function.binary));
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
    let count = text.lines().find_map(|line| {
        line.strip_prefix("totals:")
            .or(line.strip_prefix("summary:"))
    });
    let count = count.and_then(|count| count.trim().parse::<f64>().ok());
    let unreadable = || {
        Error::setup(
            "valgrind's counts cannot be read",
            out.display().to_string(),
        )
    };
    Ok(count.ok_or_else(unreadable)? / 1e6)
}
