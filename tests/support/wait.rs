//! Waiting for what happens, never for time.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Answer, Api, Stack};

/// How long a state may take to come on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Asks until the answer is there. Fails, with what was seen last, after `patience`.
pub(crate) async fn until<T, Asked>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> Asked,
) -> T
where
    Asked: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(20);
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() > deadline => {
                panic!("{what} did not come within {patience:?}; seen last: {seen}")
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_millis(400));
    }
}

impl Stack {
    /// Waits until a query gives this, waking the dispatcher meanwhile as pg_cron would.
    pub(crate) async fn until_sql(&self, what: &str, query: &str, wanted: &str) {
        until(what, PATIENCE, async || {
            self.dispatch().await;
            let found = self.sql(query);
            if found == wanted { Ok(()) } else { Err(found) }
        })
        .await;
    }

    /// Makes the step of a subject due at once, and waits until it has run from its beginning to its end.
    pub(crate) async fn run_step(&self, kind: &str, subject: &str) {
        let of = format!("from private.steps where kind = '{kind}' and subject_id = '{subject}'");
        let before = self.count(&format!("select fence {of}"));
        self.sql(&format!(
            "select private.enqueue_step(queue, kind, subject_id, channel_id) {of}"
        ));
        let has_run = format!("select fence > {before} and state <> 'running' {of}");
        self.until_sql("the run of the step", &has_run, "t").await;
    }
}

impl Api {
    /// Reads a resource until a field of it has one of these values, waking the dispatcher meanwhile as pg_cron would. Tests
    /// that are alone on their stack do not sit out the product's pauses.
    pub(crate) async fn until_field(
        &self,
        stack: &Stack,
        path: &str,
        field: &str,
        wanted: &[&str],
    ) -> Answer {
        let what = format!("{field} of {path} in {wanted:?}");
        until(&what, PATIENCE, async || {
            stack.dispatch().await;
            let answer = self.get(path).await;
            let value = answer.json.pointer(field).and_then(Value::as_str);
            if value.is_some_and(|value| wanted.contains(&value)) {
                return Ok(answer);
            }
            if crate::ALONE {
                stack.skip_pause().await;
            }
            Err(answer.to_string())
        })
        .await
    }

    /// Reads a resource until it is gone.
    pub(crate) async fn until_gone(&self, stack: &Stack, path: &str) {
        until(&format!("the end of {path}"), PATIENCE, async || {
            stack.dispatch().await;
            let answer = self.get(path).await;
            match answer.status {
                404 => Ok(()),
                _ => Err(answer.to_string()),
            }
        })
        .await;
    }
}
