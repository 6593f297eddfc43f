//! Which workers are killed and stalled, and when: chosen by a seed, spread over the work.

use std::time::{Duration, Instant};

use catalyst_cli::error::Result;

use super::args::CrashArgs;
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
    kills: u32,
    stalls: u32,
    random: fastrand::Rng,
    lease: Duration,
}

impl Faults {
    pub(super) fn new(args: &CrashArgs) -> Self {
        let mut random = fastrand::Rng::with_seed(args.seed);
        let mut faults = vec![Fault::Kill; args.kills as usize];
        faults.extend(vec![Fault::Stall; args.stalls as usize]);
        random.shuffle(&mut faults);
        Self {
            faults,
            next: 0,
            last: Instant::now(),
            pause: Duration::from_millis(500),
            kills: 0,
            stalls: 0,
            random,
            lease: args.lease(),
        }
    }

    pub(super) fn kills(&self) -> u32 {
        self.kills
    }

    pub(super) fn stalls(&self) -> u32 {
        self.stalls
    }

    pub(super) fn are_over(&self) -> bool {
        self.next == self.faults.len()
    }

    /// Injects every fault that is due when this part of the work is done.
    pub(super) async fn inject(&mut self, workers: &Workers, done: f64) -> Result {
        while let Some(fault) = self.faults.get(self.next) {
            let due = self.next as f64 / self.faults.len() as f64 * ALL_BY;
            let since = self.last.elapsed();
            if since < self.pause && done < due + 0.05 {
                return Ok(());
            }
            if done < due && since < PATIENCE {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(self.random.u64(0..120))).await;
            match fault {
                Fault::Kill => {
                    workers.kill(self.random.usize(..)).await?;
                    self.kills += 1;
                }
                Fault::Stall => {
                    let past = Duration::from_millis(self.random.u64(500..2_500));
                    workers
                        .stall(self.random.usize(..), self.lease + past)
                        .await;
                    self.stalls += 1;
                }
            }
            self.next += 1;
            self.last = Instant::now();
            self.pause = Duration::from_millis(self.random.u64(0..600));
        }
        Ok(())
    }
}
