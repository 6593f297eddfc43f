//! Which videos a video is compared with.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::{Grounds, Measures, Model, Score, Withheld, score};

/// One video of a cohort, with its value at the age at which the cohort is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// When it was published.
    pub published_at: Timestamp,
    /// Of two videos published at the same time, the one with the smaller tie is the earlier.
    pub tie: i64,
    /// What it had.
    pub measures: Measures,
}

/// The place of every entry, earliest video first.
pub fn order(entries: &[Entry]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_unstable_by_key(|&i| (entries[i].published_at, entries[i].tie, i));
    order
}

/// For every video of a cohort in time order: the predecessors that make its baseline. One pass, whatever the length.
pub fn baselines(model: &Model, published: &[Timestamp]) -> Vec<Range<usize>> {
    let reach = SignedDuration::from_hours(24 * model.window_days);
    let mut oldest = 0;
    published
        .iter()
        .enumerate()
        .map(|(i, time)| {
            while time.duration_since(published[oldest]) > reach {
                oldest += 1;
            }
            oldest.max(i.saturating_sub(model.window))..i
        })
        .collect()
}

/// One video's result, with the entries that made its baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Indices of the baseline in the entries given, earliest first.
    pub baseline: Vec<usize>,
    /// The score, or why there is none.
    pub result: Result<Score, Withheld>,
}

/// Scores every video of one cohort against its predecessors, in the order given.
pub fn score_cohort(
    model: &Model,
    entries: &[Entry],
    grounds: impl Fn(usize) -> Grounds,
) -> Vec<Scored> {
    let order = order(entries);
    let published: Vec<Timestamp> = order.iter().map(|&i| entries[i].published_at).collect();
    let measures: Vec<Measures> = order.iter().map(|&i| entries[i].measures).collect();
    let mut scored: Vec<Option<Scored>> = vec![None; entries.len()];
    for (place, window) in baselines(model, &published).into_iter().enumerate() {
        let target = order[place];
        scored[target] = Some(Scored {
            result: score(
                model,
                &measures[window.clone()],
                &measures[place],
                grounds(target),
            ),
            baseline: order[window].to_vec(),
        });
    }
    scored.into_iter().flatten().collect()
}

/// Whether totals of a video are old enough to be compared at `as_of`.
pub fn is_mature(model: &Model, published_at: Timestamp, as_of: Timestamp) -> bool {
    as_of.duration_since(published_at)
        >= SignedDuration::from_hours(24 * model.lifetime_min_age_days)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MODEL;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + day * 86_400).expect("in range")
    }

    fn entry(published_at: Timestamp, tie: i64, views: f64) -> Entry {
        Entry {
            published_at,
            tie,
            measures: Measures {
                views,
                ..Measures::default()
            },
        }
    }

    #[test]
    fn the_year_includes_its_first_moment() {
        let published = [day(0), day(1), day(365), day(366)];
        assert_eq!(baselines(&MODEL, &published), [0..0, 0..1, 0..2, 1..3]);
    }

    #[test]
    fn the_last_twenty_are_used() {
        let published: Vec<Timestamp> = (0..30).map(day).collect();
        let windows = baselines(&MODEL, &published);
        assert_eq!(windows[19], 0..19);
        assert_eq!(windows[29], 9..29);
    }

    #[test]
    fn of_two_at_the_same_time_the_tie_decides() {
        let entries = [
            entry(day(3), -1, 1.0),
            entry(day(3), -2, 2.0),
            entry(day(1), -3, 3.0),
        ];
        let scored = score_cohort(&MODEL, &entries, |_| Grounds::Lifetime);
        assert_eq!(scored[0].baseline, [2, 1]);
        assert_eq!(scored[1].baseline, [2]);
        assert_eq!(scored[2].baseline, [0_usize; 0]);
        assert_eq!(scored[0].result, Err(Withheld::TooFew { n: 2 }));
    }

    #[test]
    fn thirty_days_to_the_second_are_mature() {
        let second = SignedDuration::from_secs(1);
        assert!(is_mature(&MODEL, day(0), day(30)));
        assert!(!is_mature(&MODEL, day(0) + second, day(30)));
        assert!(!is_mature(&MODEL, day(31), day(30)));
    }

    #[test]
    fn a_channel_of_ten_thousand_videos_is_scored_in_one_pass() {
        let entries: Vec<Entry> = (0..10_000_i64)
            .map(|i| Entry {
                measures: Measures {
                    views: ((i * 7919) % 100_003) as f64,
                    gained: Some(((i * 104_729) % 9_973) as f64),
                    interactions: Some(((i * 31) % 997) as f64),
                    viewed_percent: Some(((i * 17) % 89) as f64),
                },
                ..entry(day(i / 3), -i, 0.0)
            })
            .collect();
        let scored = score_cohort(&MODEL, &entries, |_| Grounds::Lifetime);
        assert_eq!(
            scored.iter().filter(|scored| scored.result.is_ok()).count(),
            9_997
        );
    }

    proptest! {
        #[test]
        fn windows_agree_with_their_definition(
            mut days in prop::collection::vec(0_i64..1500, 0..120),
        ) {
            days.sort_unstable();
            let published: Vec<Timestamp> = days.iter().map(|&d| day(d)).collect();
            for (i, window) in baselines(&MODEL, &published).into_iter().enumerate() {
                let mut expected: Vec<usize> = (0..i).filter(|&j| days[i] - days[j] <= 365).collect();
                expected.drain(..expected.len().saturating_sub(20));
                prop_assert_eq!(window.collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn the_order_of_the_entries_does_not_matter(
            (given, shuffled) in prop::collection::vec((0_i64..400, 0_u32..1_000_000), 0..60).prop_flat_map(|videos| {
                let entries: Vec<Entry> = videos.iter().enumerate()
                    .map(|(i, &(d, views))| entry(day(d), i as i64, f64::from(views))).collect();
                (Just(entries.clone()), Just(entries).prop_shuffle())
            }),
        ) {
            let by_tie = |entries: &[Entry]| {
                let mut results: Vec<_> = score_cohort(&MODEL, entries, |_| Grounds::Lifetime).into_iter()
                    .enumerate().map(|(i, scored)| (entries[i].tie, scored.result)).collect();
                results.sort_by_key(|(tie, _)| *tie);
                results
            };
            prop_assert_eq!(by_tie(&given), by_tie(&shuffled));
        }
    }
}
