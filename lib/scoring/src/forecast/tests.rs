use proptest::prelude::*;

use super::*;

fn count(age_h: f64, views: f64) -> Count {
    Count { age_h, views }
}

fn curve(counts: &[(f64, f64)]) -> Curve {
    let counts: Vec<Count> = counts
        .iter()
        .map(|&(age, views)| count(age, views))
        .collect();
    Curve::read(&counts).expect("a curve")
}

#[track_caller]
fn near(actual: f64, expected: f64) {
    assert!(
        (actual / expected - 1.0).abs() < 1e-4,
        "{actual} is not {expected}"
    );
}

#[test]
fn a_day_s_views_grow_by_the_public_lines() {
    let forecast = day_7(&[count(24.0, 999.0)], &[], 3).expect("a forecast");
    // ln 7 = 1.9459: growth 0.3092, 0.5999 and 1.4914.
    near(forecast.views, 1000.0 * 0.599_916_f64.exp() - 1.0);
    near(forecast.from, 1000.0 * 0.309_207_f64.exp() - 1.0);
    near(forecast.to, 1000.0 * 1.491_365_f64.exp() - 1.0);
    assert_eq!(forecast.curves, 0);
}

#[test]
fn own_curves_move_it_a_little() {
    let own = vec![curve(&[(24.0, 999.0), (200.0, 3999.0)]); 10];
    // The days around the seventh are missing.
    assert_eq!(
        day_7(&[count(24.0, 999.0)], &own, 9).expect("one").curves,
        0
    );
    let own = vec![
        curve(&[
            (24.0, 999.0),
            (48.0, 2000.0),
            (90.0, 3000.0),
            (168.0, 3999.0)
        ]);
        10
    ];
    let forecast = day_7(&[count(24.0, 999.0)], &own, 9).expect("a forecast");
    assert_eq!(forecast.curves, 10);
    let shift = 0.25 * (4.0_f64.ln() - 0.599_916);
    near(forecast.views, 1000.0 * (0.599_916 + shift).exp() - 1.0);
}

#[test]
fn no_number_instead_of_a_wrong_one() {
    let early = count(5.0, 10.0);
    let refused = |counts: &[Count], earlier| day_7(counts, &[], earlier).expect_err("no forecast");
    assert_eq!(refused(&[early], 2), NoForecast::TooFewVideos { n: 2 });
    assert_eq!(refused(&[], 9), NoForecast::NoEarlyCount);
    assert_eq!(refused(&[count(25.0, 10.0)], 9), NoForecast::NoEarlyCount);
    assert_eq!(
        refused(&[early, count(9.0, 8.0)], 9),
        NoForecast::FallingCounter
    );
    assert_eq!(
        refused(&[early, count(-1.0, 8.0)], 9),
        NoForecast::ClocksDisagree
    );
    assert_eq!(
        refused(&[early, count(5.0, 11.0)], 9),
        NoForecast::ClocksDisagree
    );
    assert!(day_7(&[early, early], &[], 9).is_ok(), "the same twice");
    let own = vec![curve(&[(5.0, 10.0), (400.0, 60.0), (700.0, 70.0)]); 9];
    let refused = day_28(&[early], &own).expect_err("nine curves");
    assert_eq!(refused, NoForecast::TooFewCurves { n: 9 });
    assert_eq!(
        refused.to_string(),
        "the channel has 9 of the 10 curves of 28 days needed"
    );
}

#[test]
fn what_lies_beyond_three_quarters_of_the_channel_is_news() {
    let forecast = |views| day_7(&[count(24.0, views)], &[], 5).expect("a forecast");
    let earlier = [900.0, 1000.0, 1100.0, 1200.0, 1300.0];
    assert_eq!(news(&forecast(1000.0), &earlier), Some(News::BreakingOut));
    assert_eq!(news(&forecast(700.0), &earlier), None);
    assert_eq!(news(&forecast(100.0), &earlier), Some(News::Lagging));
    assert_eq!(news(&forecast(1000.0), &earlier[..4]), None);
}

proptest! {
    // Videos of a made-up channel, whose growth until day 28 is the middle line's with a heavy-tailed surprise.
    #[test]
    fn day_28_holds_eight_in_ten(seed in 1_u64..u64::MAX, curves in 10_usize..60) {
        let mut state = seed;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut held = 0;
        for _ in 0..400 {
            let mut next = || {
                let first = count(1.0 + 23.0 * random(), 100_000.0 * random());
                let surprise = (random() + random() - 1.0) / (0.1 + random());
                let growth = (UNTIL_DAY_7[1].growth(first, DAY_28_H) + surprise).max(0.0);
                let last = (first.views.ln_1p() + growth).exp_m1().max(first.views);
                (first, last)
            };
            let own: Vec<Curve> = (0..curves)
                .map(|_| next())
                .map(|(first, last)| curve(&[(first.age_h, first.views), (DAY_28_H, last)]))
                .collect();
            let (first, last) = next();
            let forecast = day_28(&[first], &own).expect("enough curves");
            held += usize::from((forecast.from - 1e-6..=forecast.to + 1e-6).contains(&last));
        }
        // Four standard errors below 80 %.
        prop_assert!(held >= 288, "{held} of 400 lie within");
    }
}
