//! Which dispatch of an instance works: one at a time, and one stands by for when that one ends.
//!
//! A worker's budget ends between two calls of the scheduler. What becomes due then would wait for the next minute, if
//! nobody had stood by.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::{timeout, timeout_at};

/// Without news, look this often whether the worker has ended.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The turn of an instance.
pub(super) struct Turn {
    is_taken: AtomicBool,
    stands_by: AtomicBool,
    woken: Notify,
    ended: Notify,
}

impl Turn {
    pub(super) const fn new() -> Self {
        Self {
            is_taken: AtomicBool::new(false),
            stands_by: AtomicBool::new(false),
            woken: Notify::const_new(),
            ended: Notify::const_new(),
        }
    }

    /// Takes the turn, or wakes whoever has it and waits for its end. False when that did not come in time, and at once
    /// when somebody waits already.
    pub(super) async fn take(&self, until: Instant) -> bool {
        if !self.is_taken.swap(true, Ordering::AcqRel) {
            return true;
        }
        self.woken.notify_one();
        if self.stands_by.swap(true, Ordering::AcqRel) {
            return false;
        }
        let ended = async {
            while self.is_taken.swap(true, Ordering::AcqRel) {
                let _ = timeout(LOOK_EVERY, self.ended.notified()).await;
            }
        };
        let is_ours = timeout_at(until.into(), ended).await.is_ok();
        self.stands_by.store(false, Ordering::Release);
        is_ours
    }

    /// Gives the turn to whoever stands by.
    pub(super) fn end(&self) {
        self.is_taken.store(false, Ordering::Release);
        self.ended.notify_waiters();
    }

    /// Waits for news from whoever wanted the turn.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_works_one_stands_by_and_nobody_else_waits() {
        static TURN: Turn = Turn::new();
        let later = Instant::now() + Duration::from_secs(60);
        assert!(TURN.take(later).await, "the first works");
        let second = tokio::spawn(TURN.take(later));
        TURN.woken().await;
        assert!(!TURN.take(later).await, "the third goes at once");
        TURN.end();
        assert!(second.await.unwrap(), "the second works on");
        TURN.end();
        assert!(TURN.take(later).await, "and then the next");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stands_by_goes_when_its_time_is_over() {
        let turn = Turn::new();
        let now = Instant::now();
        assert!(turn.take(now).await);
        assert!(!turn.take(now + Duration::from_secs(5)).await);
        assert!(
            !turn.take(now + Duration::from_secs(9)).await,
            "another may stand by after it"
        );
    }
}
