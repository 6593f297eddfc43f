//! One step after the other, each with its result and its time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The steps that were done.
pub(super) struct Report {
    steps: Vec<Value>,
    began: Instant,
    ok: bool,
}

impl Report {
    /// An empty one; the first step begins now.
    pub(super) fn new() -> Self {
        Self {
            steps: Vec::new(),
            began: Instant::now(),
            ok: true,
        }
    }

    /// Notes the end of a step; the next one begins now.
    pub(super) fn note(&mut self, name: &str, ok: bool, result: Value) {
        let ms = milliseconds(self.began.elapsed());
        println!(
            "  {name:<11} {} ({ms} ms)",
            if ok { "done" } else { "NOT GOOD" }
        );
        let step = json!({"name": name, "ok": ok, "ms": ms, "result": result});
        self.steps.push(step);
        self.ok &= ok;
        self.began = Instant::now();
    }

    /// Whether every step so far was good.
    pub(super) fn is_ok(&self) -> bool {
        self.ok
    }

    pub(super) fn steps(self) -> Vec<Value> {
        self.steps
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
