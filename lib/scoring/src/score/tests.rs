use proptest::prelude::*;

use super::*;
use crate::worked_example::{VIEWS, cohort, target};
use crate::{CCE_SCORE_1, MODELS, inspiration};

const WEEK: Grounds = Grounds::SameAge {
    age_h: 168.0,
    data_age_h: 0.0,
};
fn only_views(views: &[f64]) -> Vec<Measures> {
    views
        .iter()
        .map(|&views| Measures {
            views,
            ..Measures::default()
        })
        .collect()
}

fn reach_of(baseline: &[f64], target: f64) -> Score {
    reach_by(&CCE_SCORE_1, baseline, target)
}

fn reach_by(model: &Model, baseline: &[f64], target: f64) -> Score {
    let target = Measures {
        views: target,
        ..Measures::default()
    };
    score(model, &only_views(baseline), &target, WEEK).expect("enough videos")
}

#[track_caller]
fn near(actual: f64, expected: f64) {
    assert!(
        (actual - expected).abs() < 1e-3,
        "{actual} is not {expected}"
    );
}

#[track_caller]
fn component(actual: Component, m: f64, s_raw: f64, s: f64, r: f64, z: f64) {
    near(actual.m, m);
    near(actual.s_raw, s_raw);
    near(actual.s, s);
    near(actual.r, r);
    near(actual.z, z);
}

#[test]
fn worked_example() {
    let result = score(&CCE_SCORE_1, &cohort(), &target(), WEEK).unwrap();
    component(result.reach, 8.4970, 0.1999, 0.4358, 0.9285, 1.9806);
    component(
        result.velocity.unwrap(),
        6.9564,
        0.2723,
        0.5126,
        1.3626,
        2.4711,
    );
    component(
        result.engagement.unwrap(),
        0.042_f64.ln(),
        0.0707,
        0.2101,
        0.2968,
        1.3129,
    );
    component(
        result.retention.unwrap(),
        42.25,
        2.2239,
        3.9112,
        3.75,
        0.8913,
    );
    near(result.raw_multiplier, 2.5308);
    near(result.log_multiplier(&CCE_SCORE_1), 0.7143);
    near(result.multiplier, 2.0427);
    near(result.z_total, 1.7695);
    assert_eq!(result.score, 96);
    assert_eq!(result.label, Label::Outlier);
    near(result.confidence, 0.6667);
    assert_eq!(
        Confidence::of(&CCE_SCORE_1, result.confidence),
        Confidence::High
    );
    near(
        inspiration::rank(&CCE_SCORE_1, result.log_multiplier(&CCE_SCORE_1), 7.0),
        0.6953,
    );
}

#[test]
fn without_retention_the_rest_is_scaled_up() {
    let result = score(
        &CCE_SCORE_1,
        &cohort(),
        &Measures {
            viewed_percent: None,
            ..target()
        },
        WEEK,
    )
    .unwrap();
    near(result.z_total, 1.9891);
    assert!((100.0 * phi(result.z_total) - 97.67).abs() < 5e-3);
    assert_eq!(result.score, 98);
}

#[test]
fn one_viral_video_moves_nothing() {
    let mut viral = VIEWS;
    viral[6] = 3_050_000.0;
    assert_eq!(reach_of(&viral, 12_400.0), reach_of(&VIEWS, 12_400.0));
}

#[test]
fn four_videos_are_provisional() {
    let result = reach_of(&VIEWS[..4], 12_400.0);
    near(result.reach.m, 8.4401);
    near(result.reach.s, 0.5383);
    near(result.reach.r, 0.9854);
    near(result.reach.z, 1.5511);
    near(result.raw_multiplier, 2.6789);
    near(result.multiplier, 1.7561);
    assert_eq!(result.label, Label::Provisional);
    near(result.confidence, 0.4444);
}

#[test]
fn two_videos_give_no_number() {
    let result = score(&CCE_SCORE_1, &only_views(&VIEWS[..2]), &target(), WEEK);
    assert_eq!(result, Err(Withheld::TooFew { n: 2 }));
    assert_eq!(Withheld::TooFew { n: 2 }.label(), Label::InsufficientData);
}

#[test]
fn a_typical_video_and_a_flop() {
    let typical = reach_of(&VIEWS, 4900.0);
    near(typical.reach.z, 0.0004);
    near(typical.multiplier, 1.0002);
    assert_eq!(typical.label, Label::Typical);
    let flop = reach_of(&VIEWS, 1500.0);
    near(flop.reach.z, -2.5235);
    near(flop.raw_multiplier, 0.3063);
    near(flop.multiplier, 0.4025);
    assert_eq!(flop.label, Label::Below);
}

#[test]
fn no_spread_and_no_views_divide_by_nothing() {
    let same = reach_of(&[100.0; 6], 100.0);
    assert_eq!(same.reach.s_raw, 0.0);
    near(same.reach.s, 0.4719);
    assert_eq!(same.reach.z, 0.0);
    let nobody = reach_of(&[0.0; 5], 0.0);
    assert_eq!(nobody.reach.m, 0.0);
    near(nobody.reach.s, 0.4950);
    assert_eq!(nobody.reach.z, 0.0);
    assert_eq!(nobody.score, 50);
}

#[test]
fn engagement_leaves_out_what_has_no_rate() {
    let mut baseline = cohort();
    baseline[0].views = 0.0;
    baseline[1].interactions = Some(0.0);
    baseline[2].interactions = None;
    let result = score(&CCE_SCORE_1, &baseline, &target(), WEEK).unwrap();
    assert_eq!(result.engagement.unwrap().n, 7);
    for video in &mut baseline[3..8] {
        video.interactions = None;
    }
    assert_eq!(
        score(&CCE_SCORE_1, &baseline, &target(), WEEK)
            .unwrap()
            .engagement,
        None
    );
}

#[test]
fn stale_and_young_values_count_less() {
    assert_eq!(
        confidence(
            &CCE_SCORE_1,
            5,
            Grounds::SameAge {
                age_h: 12.0,
                data_age_h: 24.0
            }
        ),
        0.25
    );
    near(
        confidence(
            &CCE_SCORE_1,
            5,
            Grounds::SameAge {
                age_h: 48.0,
                data_age_h: 24.1,
            },
        ),
        0.4,
    );
    assert_eq!(confidence(&CCE_SCORE_1, 20, Grounds::Lifetime), 0.8);
}

fn counts() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0_u32..50_000_000, 3..=20)
        .prop_map(|views| views.into_iter().map(f64::from).collect())
}

proptest! {
    #[test]
    fn the_order_of_the_baseline_does_not_matter(
        (given, shuffled) in counts().prop_flat_map(|views| (Just(views.clone()), Just(views).prop_shuffle())),
        views in 0_u32..50_000_000,
    ) {
        let target = f64::from(views);
        prop_assert_eq!(reach_of(&given, target), reach_of(&shuffled, target));
    }

    #[test]
    fn more_views_never_lower_multiplier_or_z(
        baseline in counts(), views in 0_u32..50_000_000, more in 0_u32..50_000_000,
    ) {
        for model in &MODELS {
            let low = reach_by(model, &baseline, f64::from(views));
            let high = reach_by(model, &baseline, f64::from(views) + f64::from(more));
            prop_assert!(high.multiplier >= low.multiplier);
            prop_assert!(high.raw_multiplier >= low.raw_multiplier);
            prop_assert!(high.reach.z >= low.reach.z - 1e-12);
            prop_assert!(high.score >= low.score);
        }
    }

    #[test]
    fn every_number_is_finite_and_in_range(
        baseline in prop::collection::vec(
            (0_u32..50_000_000, prop::option::of(0_u32..5_000_000), prop::option::of(0_u32..5_000_000)), 3..=20),
        target in (0_u32..50_000_000, prop::option::of(0_u32..5_000_000), prop::option::of(0_u32..5_000_000)),
    ) {
        let measures = |(views, gained, interactions): (u32, Option<u32>, Option<u32>)| Measures {
            views: f64::from(views),
            gained: gained.map(f64::from),
            interactions: interactions.map(f64::from),
            viewed_percent: None,
        };
        let baseline: Vec<Measures> = baseline.into_iter().map(measures).collect();
        for model in &MODELS {
        let result = score(model, &baseline, &measures(target), WEEK).unwrap();
        prop_assert!(result.score <= 100);
        prop_assert!(result.z_total.abs() <= 3.0 && result.multiplier.is_finite() && result.multiplier > 0.0);
        prop_assert!((0.0..1.0).contains(&result.confidence));
        // The published multiplier lies between 1 and the raw one.
        prop_assert!(result.multiplier.ln().abs() <= result.raw_multiplier.ln().abs() + 1e-9);
        for part in [result.velocity, result.engagement].into_iter().flatten() {
            prop_assert!(part.z.abs() <= 3.0 && part.s >= 0.01 && part.r.is_finite());
        }
        }
    }
}
