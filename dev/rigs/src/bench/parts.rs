//! The parts of a benchmark: which were asked for, which are measured, and what is missing when the time is over.

use std::time::Duration;

use catalyst_cli::{Error, error::Result};

/// What is measured on a stack, in this order.
const ON_A_STACK: [&str; 8] = [
    "sync",
    "start",
    "warm",
    "saturation",
    "steps",
    "publish",
    "instructions",
    "growth",
];

/// The parts of one run.
pub(super) struct Parts<'a> {
    /// All when it is empty.
    only: &'a [String],
    finished: Vec<&'static str>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(only: &'a [String]) -> Self {
        Self {
            only,
            finished: Vec::new(),
        }
    }

    pub(super) fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    /// All rows of this part are in the report.
    pub(super) fn finish(&mut self, part: &'static str) {
        self.finished.push(part);
    }

    /// What was asked for and is not measured.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        ON_A_STACK
            .into_iter()
            .filter(|part| self.wants(part) && !self.finished.contains(part))
            .collect()
    }
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ending {
    Finished,
    Failed(Error),
    OutOfTime,
}

/// Measures for so long at most; what was measured by then stays in the report.
pub(super) async fn within(limit: Duration, measuring: impl Future<Output = Result>) -> Ending {
    match tokio::time::timeout(limit, measuring).await {
        Ok(Ok(())) => Ending::Finished,
        Ok(Err(error)) => Ending::Failed(error),
        Err(_) => Ending::OutOfTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn everything_is_wanted_when_nothing_is_named() {
        let mut parts = Parts::of(&[]);
        assert_eq!(parts.missing(), ON_A_STACK);
        for part in ON_A_STACK {
            parts.finish(part);
        }
        assert!(parts.missing().is_empty());
    }

    #[test]
    fn only_what_was_asked_for_is_missing() {
        let only = only(&["warm", "growth", "size"]);
        let mut parts = Parts::of(&only);
        // What every part builds on is measured although nobody asked for it.
        parts.finish("sync");
        parts.finish("warm");
        assert_eq!(parts.missing(), ["growth"]);
    }

    #[tokio::test]
    async fn what_was_finished_in_time_is_not_missing() {
        let only = only(&["sync", "start", "warm"]);
        let mut parts = Parts::of(&only);
        let measuring = async {
            parts.finish("sync");
            std::future::pending().await
        };
        let ending = within(Duration::from_millis(10), measuring).await;
        assert!(matches!(ending, Ending::OutOfTime));
        assert_eq!(parts.missing(), ["start", "warm"]);
    }

    #[tokio::test]
    async fn a_part_that_fails_ends_the_run_before_its_time_is_over() {
        let failing = async { Err(Error::setup("the peer is gone", "start it")) };
        let ending = within(Duration::from_secs(600), failing).await;
        assert!(matches!(ending, Ending::Failed(_)));
        let done = within(Duration::from_secs(600), async { Ok(()) }).await;
        assert!(matches!(done, Ending::Finished));
    }
}
