//! A channel's next free slots.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::week::WeeklySlot;
use super::zone::{SlotTime, Zone};
use clients::quota_day::QuotaDay;

/// How far ahead free slots are looked for, in days.
const HORIZON: usize = 120;

/// What is on a channel's calendar already, and what is full.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    /// Instants at which a video of the channel goes out.
    pub(crate) instants: Vec<Timestamp>,
    /// How far apart two videos of the channel must be.
    pub(crate) gap: SignedDuration,
    /// Quota days on which no upload is left.
    pub(crate) full_days: BTreeSet<QuotaDay>,
}

impl Taken {
    fn allows(&self, at: Timestamp) -> bool {
        let too_close = |other: &Timestamp| at.duration_since(*other).abs() < self.gap;
        !self.instants.iter().any(too_close) && !self.full_days.contains(&QuotaDay::of(at))
    }
}

/// The next free slots strictly after `after`, earliest first, at most `count`.
pub(crate) fn next_free(
    week: &[WeeklySlot],
    zone: &Zone,
    after: Timestamp,
    taken: &Taken,
    count: usize,
) -> Vec<SlotTime> {
    let mut found: Vec<SlotTime> = Vec::new();
    // One day early: the zone's date may lie behind `after`'s by the time a skipped slot has moved forward.
    let yesterday = zone.date(after).yesterday().ok();
    let days = std::iter::successors(yesterday, |day| day.tomorrow().ok()).take(HORIZON);
    for at in days.flat_map(|day| instants(week, day, zone)) {
        if found.len() >= count {
            break;
        }
        // Two slots are one instant when the clocks skip one of them.
        let repeated = found.last().is_some_and(|last| last.publish_at >= at);
        if at > after && !repeated && taken.allows(at) {
            found.push(SlotTime::of_instant(at, zone));
        }
    }
    found
}

/// The instants of one day's slots, earliest first.
fn instants(week: &[WeeklySlot], day: Date, zone: &Zone) -> BTreeSet<Timestamp> {
    week.iter()
        .filter_map(|slot| zone.instant(slot.on(day)?).ok())
        .collect()
}
