//! Which workers are killed and stalled, and when: chosen by a seed, spread over the work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::workers::Workers;

/// All faults are injected before this part of the work is done, so that each hits a working process.
const ALL_BY: f64 = 0.9;
/// A fault waits no longer than this for the work to get on.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// What happens to one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Kill,
    Stall,
}

/// The faults of a run in their order, spread over the work.
pub(super) struct Faults {
    faults: Vec<Fault>,
    next: usize,
    last: Instant,
    pause: Duration,
    pub(super) kills: u32,
    pub(super) stalls: u32,
    random: fastrand::Rng,
    lease: Duration,
}

impl Faults {
    pub(super) fn new(kills: u32, stalls: u32, seed: u64, lease: Duration) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut faults = vec![Fault::Kill; kills as usize];
        faults.extend(vec![Fault::Stall; stalls as usize]);
        random.shuffle(&mut faults);
        Self {
            faults,
            next: 0,
            last: Instant::now(),
            pause: Duration::from_millis(500),
            kills: 0,
            stalls: 0,
            random,
            lease,
        }
    }

    pub(super) fn are_over(&self) -> bool {
        self.next == self.faults.len()
    }

    /// Injects every fault that is due when this part of the work is done.
    pub(super) async fn inject(&mut self, workers: &Arc<Workers>, done: f64) {
        while let Some(fault) = self.faults.get(self.next) {
            let due = self.next as f64 / self.faults.len() as f64 * ALL_BY;
            let since = self.last.elapsed();
            if (since < self.pause && done < due + 0.05) || (done < due && since < PATIENCE) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(self.random.u64(0..120))).await;
            let number = self.random.usize(..);
            let (struck, count) = match fault {
                Fault::Kill => (workers.kill(number), &mut self.kills),
                Fault::Stall => {
                    let past = Duration::from_millis(self.random.u64(500..2_500));
                    (workers.stall(number, self.lease + past), &mut self.stalls)
                }
            };
            if !struck {
                return;
            }
            *count += 1;
            self.next += 1;
            self.last = Instant::now();
            self.pause = Duration::from_millis(self.random.u64(0..600));
        }
    }
}
