//! Which backups stay: the newest of each of the last 7 days, 4 weeks and 12 months that have one.
//!
//! Days, weeks (from Monday) and months are those of UTC. Only verified backups take a place; one that was not verified
//! stays for a week, as it may still be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};

/// How many of each.
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
/// How long a backup may wait for its verification.
const UNVERIFIED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The first day of the period that a day lies in.
type Start = fn(Date) -> Date;

/// A backup, as far as its keeping goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name in the store.
    pub name: String,
    /// The moment whose state it holds.
    pub taken_at: Timestamp,
    /// Whether a restore has shown that it is good.
    pub verified: bool,
}

/// The names of those that may go, oldest first.
pub fn expired(items: &[Item], now: Timestamp) -> Vec<String> {
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by(|a, b| (a.taken_at, &a.name).cmp(&(b.taken_at, &b.name)));
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    let periods: [(usize, Start); 3] = [
        (DAYS, |day| day),
        (WEEKS, |day| {
            day - Span::new().days(day.weekday().to_monday_zero_offset())
        }),
        (MONTHS, |day| day.first_of_month()),
    ];
    for (count, start) in periods {
        // The last one of a period wins.
        let verified = sorted.iter().filter(|item| item.verified);
        let starts = verified.map(|item| (start(day(item.taken_at)), item.name.as_str()));
        let newest: BTreeMap<Date, &str> = starts.collect();
        kept.extend(newest.values().rev().take(count));
    }
    let old = |item: &Item| item.verified || now.duration_since(item.taken_at) > UNVERIFIED;
    sorted.retain(|item| !kept.contains(item.name.as_str()) && old(item));
    sorted.into_iter().map(|item| item.name.clone()).collect()
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn item(seconds: i64, verified: bool) -> Item {
        Item {
            name: format!("{seconds:012}"),
            taken_at: at(seconds),
            verified,
        }
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        proptest::collection::btree_map(0..40_000_000_i64, any::<bool>(), 0..120)
            .prop_map(|all| all.into_iter().map(|(s, v)| item(s, v)).collect())
    }

    fn left(items: &[Item], now: Timestamp) -> Vec<Item> {
        let gone = expired(items, now);
        items
            .iter()
            .filter(|item| !gone.contains(&item.name))
            .cloned()
            .collect()
    }

    proptest! {
        #[test]
        fn the_newest_verified_backup_always_stays(items in items(), later in 0..100_000_000_i64) {
            let now = at(40_000_000 + later);
            if let Some(newest) = items.iter().rev().find(|item| item.verified) {
                prop_assert!(!expired(&items, now).contains(&newest.name));
            }
        }

        #[test]
        fn no_more_stay_than_are_promised(items in items()) {
            let now = at(40_000_000);
            let left = left(&items, now);
            prop_assert!(left.iter().filter(|item| item.verified).count() <= DAYS + WEEKS + MONTHS);
            for item in left.iter().filter(|item| !item.verified) {
                prop_assert!(now.duration_since(item.taken_at) <= UNVERIFIED);
            }
        }

        #[test]
        fn doing_it_twice_removes_nothing_more(items in items()) {
            let now = at(40_000_000);
            prop_assert_eq!(expired(&left(&items, now), now), Vec::<String>::new());
        }

        #[test]
        fn the_order_does_not_matter(items in items(), seed in any::<u64>()) {
            let mut shuffled = items.clone();
            fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
            prop_assert_eq!(expired(&items, at(40_000_000)), expired(&shuffled, at(40_000_000)));
        }

        #[test]
        fn what_is_not_verified_displaces_nothing(items in items()) {
            let now = at(40_000_000);
            let verified: Vec<Item> = items.iter().filter(|item| item.verified).cloned().collect();
            let both: Vec<Item> = left(&items, now).into_iter().filter(|item| item.verified).collect();
            prop_assert_eq!(both, left(&verified, now));
        }
    }

    /// Two years of nightly backups, pruned every night: there is always one of each promised day, week and month.
    #[test]
    fn pruned_every_night_the_promised_ones_are_there() {
        let mut store: Vec<Item> = Vec::new();
        for night in 0..760_i64 {
            let taken = night * 86_400 + 7_200;
            store.push(item(taken, true));
            store = left(&store, at(taken));
            let days: BTreeSet<Date> = store.iter().map(|item| day(item.taken_at)).collect();
            let today = day(at(taken));
            for back in 0..DAYS.min(usize::try_from(night).unwrap() + 1) {
                let wanted = today - Span::new().days(i64::try_from(back).unwrap());
                assert!(
                    days.contains(&wanted),
                    "night {night}: no backup of {wanted}"
                );
            }
            if night > 400 {
                let months: BTreeSet<_> = days.iter().map(|day| day.first_of_month()).collect();
                assert!(months.len() >= MONTHS, "night {night}: {months:?}");
                let weeks: BTreeSet<_> = days
                    .iter()
                    .map(|day| *day - Span::new().days(day.weekday().to_monday_zero_offset()))
                    .collect();
                assert!(weeks.len() >= WEEKS, "night {night}: {weeks:?}");
            }
            assert!(store.len() <= DAYS + WEEKS + MONTHS);
        }
    }
}
