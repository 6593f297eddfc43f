//! The peer, the same functions in TypeScript, does the same work only if it gives the same answers; that is seen to before
//! anything is timed.

use std::process::Stdio;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::Value;

use super::testbed::{PEER, Testbed};
use super::{routes::Route, server::Server};

/// Fields of a schedule entry that differ because they are two entries.
const OWN: &str = "id render_id title publish_at local_time created_at updated_at state_changed_at";
/// Figures of the metrics that move between two questions.
const MOVING: &str = "timestamp requests_24h requests refused slow average average_ms p50 p90 p95 p99 connections transactions \
    size_bytes cache_hit_ratio oldest_due_seconds oldest_transaction_seconds statements uptime active_24h runs";

/// Installs and compiles the peer, as its lock file says.
pub(super) async fn build_peer(project: &Project) -> Result {
    let folder = project.root().join(PEER);
    let install = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    for words in [&install[..], &["run", "--silent", "build"]] {
        let mut npm = tokio::process::Command::new("npm");
        npm.args(words)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if !npm
            .status()
            .await
            .map_err(Error::io("cannot run npm"))?
            .success()
        {
            let failed = format!("`npm {}` failed in {}", words[0], folder.display());
            return Err(Error::setup(
                failed,
                "is the network there? It is needed once",
            ));
        }
    }
    Ok(())
}

/// Asks both sides the same.
///
/// # Errors
///
/// The first difference.
pub(super) async fn check(testbed: &Testbed, route: Route) -> Result {
    let servers = Server::both(testbed, route).await?;
    let answers = answers(testbed, route, &servers).await;
    for server in servers {
        server.kill().await;
    }
    let [mut ours, mut peer] = answers?;
    let masked = match route {
        Route::Create => OWN,
        Route::Metrics => MOVING,
        Route::List | Route::Detail(_) => "",
    };
    let masked: Vec<&str> = masked.split(' ').collect();
    mask(&mut ours, &masked);
    mask(&mut peer, &masked);
    let Some(difference) = difference(&ours, &peer, String::new()) else {
        return Ok(());
    };
    let name = route.name();
    let another = format!("{name}: the peer's answer is another one: {difference}");
    Err(Error::setup(
        another,
        "mend dev/rigs/peer: it must do the same work",
    ))
}

async fn answers(testbed: &Testbed, route: Route, servers: &[Server; 2]) -> Result<[Value; 2]> {
    let mut answers = [Value::Null, Value::Null];
    let mut connections = [servers[0].connect().await?, servers[1].connect().await?];
    if route != Route::Create {
        // What is compared goes the way of users that the process knows.
        for connection in &mut connections {
            connection.expect(&route.request(testbed)).await?;
        }
    }
    if route == Route::Metrics {
        // Until what was asked so far is in the figures.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
    }
    for (answer, connection) in answers.iter_mut().zip(&mut connections) {
        let request = route.request(testbed);
        *answer = connection.expect(&request).await?.json();
        if route == Route::Create {
            // The same request once more, under the same key.
            let again = connection.expect(&request).await?.json();
            if let Some(difference) = difference(answer, &again, String::new()) {
                return Err(Error::setup(
                    format!("the same key gave another answer: {difference}"),
                    "one of the sides does not honour Idempotency-Key",
                ));
            }
        }
    }
    Ok(answers)
}

/// Replaces what may differ by its kind.
fn mask(value: &mut Value, fields: &[&str]) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                if fields.contains(&name.as_str()) {
                    // Whether anything waits changes between two questions; that there is a figure does not.
                    *value = Value::from(value.is_null() && !name.starts_with("oldest_"));
                } else {
                    mask(value, fields);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| mask(value, fields)),
        _ => {}
    }
}

/// Where two answers differ. Numbers are compared by value, but for the last digit: one side writes `2`, the other `2.0`,
/// and serde_json reads the seventeenth digit quickly rather than exactly.
fn difference(ours: &Value, peer: &Value, at: String) -> Option<String> {
    match (ours, peer) {
        (Value::Object(left), Value::Object(right)) => left
            .keys()
            .chain(right.keys().filter(|name| !left.contains_key(*name)))
            .find_map(|name| match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => difference(left, right, format!("{at}/{name}")),
                (Some(_), _) => Some(format!("{at}/{name} is only in ours")),
                (None, _) => Some(format!("{at}/{name} is only in the peer's")),
            }),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(n, (left, right))| difference(left, right, format!("{at}/{n}"))),
        (Value::Number(left), Value::Number(right)) if is_same(left, right) => None,
        (left, right) if left == right => None,
        (left, right) => Some(format!("{at}: {left} and {right}")),
    }
}

fn is_same(left: &serde_json::Number, right: &serde_json::Number) -> bool {
    let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else {
        return false;
    };
    (left - right).abs() <= 1e-14 * left.abs().max(right.abs())
}

#[cfg(test)]
mod tests;
