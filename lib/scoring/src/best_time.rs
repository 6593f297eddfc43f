//! When a channel's videos do better, from its own results.
//!
//! The evidence for strong effects of the hour is weak, so an hour is pulled hard toward no effect and recommended
//! only when enough videos were published in it.

/// Hours in a week.
pub const HOURS: usize = 168;

/// The constants of the estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// r is clipped to this in both directions, so that one hit does not make an hour.
    pub clip: f64,
    /// What a video published an hour earlier or later counts.
    pub neighbour_weight: f64,
    /// How many videos without effect every hour starts with.
    pub prior: f64,
    /// An hour with fewer videos of its own is not recommended.
    pub min_videos: usize,
    /// With fewer videos in all there is no estimate.
    pub min_total: usize,
    /// One slot in this many is kept for trying other hours.
    pub explore_every: u32,
}

/// The settings in force.
pub const SETTINGS: Settings = Settings {
    clip: 1.5,
    neighbour_weight: 0.5,
    prior: 8.0,
    min_videos: 3,
    min_total: 20,
    explore_every: 10,
};

/// One hour of the week, in the audience's time zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// 0 is Monday 00:00 to 01:00, 167 is Sunday 23:00 to 24:00.
    pub hour_of_week: usize,
    /// How many videos were published in it.
    pub videos: usize,
    /// Estimated effect on ln(views), pulled toward 0.
    pub effect: f64,
    /// Whether there is enough evidence to recommend it, and the effect is positive.
    pub recommended: bool,
}

/// The effect of every hour in which a video was published, best first. `results` are pairs of hour of the week and
/// reach `r` at 48 hours. Whether there are enough results at all ([`Settings::min_total`]) is for the caller to say.
pub fn effects(settings: &Settings, results: &[(usize, f64)]) -> Vec<Hour> {
    let mut sums = [0.0; HOURS];
    let mut counts = [0_usize; HOURS];
    for &(hour, r) in results {
        sums[hour % HOURS] += r.clamp(-settings.clip, settings.clip);
        counts[hour % HOURS] += 1;
    }
    let mut hours: Vec<Hour> = (0..HOURS)
        .filter(|&hour| counts[hour] > 0)
        .map(|hour| {
            let neighbours = [(hour + HOURS - 1) % HOURS, (hour + 1) % HOURS];
            let weigh = |own: f64, at: &dyn Fn(usize) -> f64| {
                own + settings.neighbour_weight
                    * neighbours.iter().map(|&hour| at(hour)).sum::<f64>()
            };
            let sum = weigh(sums[hour], &|hour| sums[hour]);
            let weight = weigh(counts[hour] as f64, &|hour| counts[hour] as f64);
            let effect = sum / (weight + settings.prior);
            let recommended = counts[hour] >= settings.min_videos && effect > 0.0;
            Hour {
                hour_of_week: hour,
                videos: counts[hour],
                effect,
                recommended,
            }
        })
        .collect();
    hours.sort_by(|a, b| {
        b.effect
            .total_cmp(&a.effect)
            .then(a.hour_of_week.cmp(&b.hour_of_week))
    });
    hours
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn results(bins: &[(usize, &[f64])]) -> Vec<(usize, f64)> {
        bins.iter()
            .flat_map(|&(hour, values)| values.iter().map(move |&r| (hour, r)))
            .collect()
    }

    #[test]
    fn hours_with_their_evidence() {
        let plain = Settings {
            neighbour_weight: 0.0,
            ..SETTINGS
        };
        let results = results(&[
            (10, &[0.30, 0.10, 0.25, 0.40]),
            (20, &[0.05, -0.10, 0.00]),
            (30, &[0.90]),
            (40, &[-0.20, -0.30, -0.10, -0.25, -0.15]),
        ]);
        let hours = effects(&plain, &results);
        let at = |hour| {
            hours
                .iter()
                .find(|found| found.hour_of_week == hour)
                .unwrap()
        };
        for (hour, effect) in [(10, 0.0875), (20, -0.0045), (30, 0.1000), (40, -0.0769)] {
            assert!((at(hour).effect - effect).abs() < 1e-4, "{:?}", at(hour));
        }
        let recommended: Vec<usize> = hours
            .iter()
            .filter(|hour| hour.recommended)
            .map(|hour| hour.hour_of_week)
            .collect();
        assert_eq!(recommended, [10]);
    }

    #[test]
    fn neighbours_count_half_and_the_week_is_a_circle() {
        let hours = effects(&SETTINGS, &results(&[(0, &[0.4]), (167, &[0.2])]));
        let monday = hours.iter().find(|hour| hour.hour_of_week == 0).unwrap();
        assert!((monday.effect - 0.5 / 9.5).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn no_effect_exceeds_the_clip(
            results in prop::collection::vec((0_usize..168, -20.0_f64..20.0), 0..300),
        ) {
            for hour in effects(&SETTINGS, &results) {
                prop_assert!(hour.effect.abs() < SETTINGS.clip);
                prop_assert!(!hour.recommended || hour.videos >= 3);
            }
        }
    }
}
