//! The peer does the same work only if it gives the same answers; that is seen to before anything is timed.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use serde_json::Value;
use uuid::Uuid;

use super::routes::{self, Route};
use super::server::{Server, Side};
use super::testbed::Testbed;

/// Fields of a schedule entry that differ because they are two entries.
const OWN: [&str; 8] = [
    "id",
    "render_id",
    "title",
    "publish_at",
    "local_time",
    "created_at",
    "updated_at",
    "state_changed_at",
];
/// Figures of the metrics that move between two questions.
const MOVING: [&str; 21] = [
    "timestamp",
    "requests_24h",
    "requests",
    "refused",
    "slow",
    "average",
    "average_ms",
    "p50",
    "p90",
    "p95",
    "p99",
    "connections",
    "transactions",
    "size_bytes",
    "cache_hit_ratio",
    "oldest_due_seconds",
    "oldest_transaction_seconds",
    "statements",
    "uptime",
    "active_24h",
    "runs",
];

/// Asks both sides the same.
///
/// # Errors
///
/// The first difference.
pub(super) async fn check(testbed: &Testbed, route: Route) -> Result {
    let function = route.function();
    let (ours, peer) = (
        Server::start(testbed, Side::Ours, function).await?,
        Server::start(testbed, Side::Peer, function).await?,
    );
    let answers = answers(testbed, route, [&ours, &peer]).await;
    ours.kill().await;
    peer.kill().await;
    let ([mut ours, mut peer], masked) = answers?;
    for answer in [&mut ours, &mut peer] {
        mask(answer, masked);
    }
    match difference(&ours, &peer, String::new()) {
        None => Ok(()),
        Some(difference) => Err(Error::setup(
            format!(
                "{}: the peer's answer is another one: {difference}",
                route.name()
            ),
            "mend dev/rigs/peer: it must do the same work",
        )),
    }
}

async fn answers(
    testbed: &Testbed,
    route: Route,
    servers: [&Server; 2],
) -> Result<([Value; 2], &'static [&'static str])> {
    let mut answers = [Value::Null, Value::Null];
    let mut connections = [servers[0].connect().await?, servers[1].connect().await?];
    if !matches!(route, Route::Create(_)) {
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
        if let Route::Create(_) = route {
            let bearer = format!("Bearer {}", testbed.user.token());
            let key = Uuid::new_v4().to_string();
            let request = routes::create(&bearer, &routes::entry(testbed.take_render()), &key);
            *answer = connection.expect(&request).await?.json();
            let again = connection.expect(&request).await?.json();
            if let Some(difference) = difference(answer, &again, String::new()) {
                return Err(Error::setup(
                    format!("the same key gave another answer: {difference}"),
                    "one of the sides does not honour Idempotency-Key",
                ));
            }
        } else {
            *answer = connection.expect(&route.request(testbed)).await?.json();
        }
    }
    let masked: &[&str] = match route {
        Route::Create(_) => &OWN,
        Route::Metrics => &MOVING,
        Route::List | Route::Detail(_) => &[],
    };
    Ok((answers, masked))
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
                (left, _) => Some(format!(
                    "{at}/{name} is only in {}",
                    if left.is_some() { "ours" } else { "the peer's" }
                )),
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
