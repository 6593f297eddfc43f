//! When a render is polled, searched for and timed out.

use std::time::Duration;

use platform::config::Config;

/// Intervals and deadlines of a render. Times are on the product's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PollSchedule {
    /// From the submit to the first poll.
    pub(super) first_poll: Duration,
    /// Between polls up to the age `early_until`.
    pub(super) early: Duration,
    /// Age from which polls are `late` apart.
    early_until: Duration,
    /// Between polls after that.
    pub(super) late: Duration,
    /// Age at which the render is timed out.
    pub(super) time_out: Duration,
    /// Age at which a timed-out render is polled a last time.
    pub(super) last_poll: Duration,
    /// Age up to which "unknown job" only means that the provider does not know it yet.
    pub(super) settle: Duration,
    /// From the commit of `submitting` until the submit may no longer be sent: far less than `never_arrived`.
    pub(super) send_within: Duration,
    /// Between two submits of the deployment.
    pub(super) submit_gap: Duration,
    /// Renders in progress at a time, in the whole deployment.
    pub(super) in_flight: i32,
    /// Between two searches for a lost submit, at first.
    pub(super) search: Duration,
    /// Projects of the provider's listing that are read, newest first: at least what can be submitted until
    /// `never_arrived`.
    pub(super) listed: u32,
    /// Age from which a lost submit may be matched by time alone: by then its callback should have come.
    pub(super) match_by_time: Duration,
    /// Age from which a complete listing without the job means that the submit never arrived.
    pub(super) never_arrived: Duration,
    /// Age at which the search ends, and a person has to decide.
    pub(super) search_ends: Duration,
}

impl PollSchedule {
    /// RevID renders in two to four minutes; its limits are not documented, so we keep well below any likely one.
    const REAL: Self = Self {
        first_poll: Duration::from_secs(30),
        early: Duration::from_secs(10),
        early_until: Duration::from_secs(3 * 60),
        late: Duration::from_secs(20),
        time_out: Duration::from_secs(20 * 60),
        last_poll: Duration::from_secs(80 * 60),
        settle: Duration::from_secs(60),
        send_within: Duration::from_secs(20),
        submit_gap: Duration::from_secs(2),
        in_flight: 3,
        search: Duration::from_secs(15),
        listed: 50,
        match_by_time: Duration::from_secs(6 * 60),
        never_arrived: Duration::from_secs(30 * 60),
        search_ends: Duration::from_secs(24 * 60 * 60),
    };

    /// Against a stand-in: the same order with short waits.
    const MOCKED: Self = Self {
        first_poll: Duration::from_secs(1),
        early: Duration::from_secs(1),
        late: Duration::from_secs(2),
        settle: Duration::from_secs(20),
        send_within: Duration::from_secs(5),
        submit_gap: Duration::ZERO,
        in_flight: 10_000,
        search: Duration::from_secs(1),
        listed: 1_000,
        match_by_time: Duration::from_secs(10),
        never_arrived: Duration::from_secs(20),
        ..Self::REAL
    };

    /// The schedule of this deployment.
    pub(super) const fn of(config: &Config) -> Self {
        if config.app.mocking {
            Self::MOCKED
        } else {
            Self::REAL
        }
    }

    /// How long to wait before the next poll of a job of this age.
    pub(super) fn next_poll(&self, age: Duration) -> Duration {
        if age < self.first_poll {
            self.first_poll - age
        } else if age < self.early_until {
            self.early
        } else {
            self.late
        }
    }

    /// How long to wait before the next search for a lost submit of this age: ever longer, up to ten minutes.
    pub(super) fn next_search(&self, age: Duration) -> Duration {
        (age / 8).clamp(self.search, Duration::from_secs(600))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn polls_come_at_thirty_seconds_then_every_ten_then_every_twenty() {
        let mut age = Duration::ZERO;
        let mut polls = Vec::new();
        while age < PollSchedule::REAL.time_out {
            age += PollSchedule::REAL.next_poll(age);
            polls.push(age.as_secs());
        }
        assert_eq!(polls[..4], [30, 40, 50, 60]);
        assert_eq!(polls[14..19], [170, 180, 200, 220, 240]);
        assert_eq!(polls.last(), Some(&1200));
        assert_eq!(polls.len(), 67);
    }

    #[test]
    fn a_search_slows_down() {
        assert_eq!(PollSchedule::REAL.next_search(seconds(0)), seconds(15));
        assert_eq!(PollSchedule::REAL.next_search(seconds(800)), seconds(100));
        assert_eq!(
            PollSchedule::REAL.next_search(seconds(80_000)),
            seconds(600)
        );
    }

    proptest! {
        #[test]
        fn waiting_is_never_zero(age in 0_u64..1_000_000) {
            for schedule in [PollSchedule::REAL, PollSchedule::MOCKED] {
                prop_assert!(schedule.next_poll(seconds(age)) > Duration::ZERO);
                prop_assert!(schedule.next_search(seconds(age)) > Duration::ZERO);
            }
        }
    }
}
