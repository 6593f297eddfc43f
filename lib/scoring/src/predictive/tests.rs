//! Vectors of docs/scoring.md, to 1e-4.

use crate::worked_example::{VIEWS, cohort, target};
use crate::{Component, Grounds, Label, MODEL, Measures, Score, phi, score};

fn measures(views: f64) -> Measures {
    Measures {
        views,
        ..Measures::default()
    }
}

fn reach(baseline: &[f64], target: f64) -> Score {
    let baseline: Vec<Measures> = baseline.iter().map(|&views| measures(views)).collect();
    score(&MODEL, &baseline, &measures(target), Grounds::Lifetime).expect("enough videos")
}

#[track_caller]
fn near(actual: f64, expected: f64) {
    assert!(
        (actual - expected).abs() < 1e-4,
        "{actual} is not {expected}"
    );
}

#[track_caller]
fn component(actual: Component, expected: [f64; 5]) {
    let found = [actual.m, actual.s_raw, actual.s, actual.r, actual.z];
    for (found, expected) in found.into_iter().zip(expected) {
        near(found, expected);
    }
}

#[test]
fn worked_example() {
    let week = Grounds::SameAge {
        age_h: 168.0,
        data_age_h: 0.0,
    };
    let result = score(&MODEL, &cohort(), &target(), week).expect("enough videos");
    component(result.reach, [8.5072, 0.2404, 0.3869, 0.9183, 1.4968]);
    let velocity = result.velocity.expect("gains");
    component(velocity, [6.9802, 0.3400, 0.5186, 1.3388, 1.5509]);
    let engagement = result.engagement.expect("likes");
    component(engagement, [-3.1701, 0.0760, 0.1265, 0.2968, 2.1796]);
    let retention = result.retention.expect("retention");
    component(retention, [42.3750, 2.1068, 2.9863, 3.6250, 1.3337]);
    near(result.raw_multiplier, 2.5051);
    near(result.multiplier, 2.0267);
    near(result.z_total, 2.2815);
    near(100.0 * phi(result.z_total), 98.8742);
    assert_eq!(result.score, 99);
    assert_eq!(result.label, Label::Above);
    near(result.confidence, 0.6667);
    let without = |target| {
        score(&MODEL, &cohort(), &target, week)
            .expect("enough videos")
            .z_total
    };
    let viewed_percent = None;
    near(
        without(Measures {
            viewed_percent,
            ..target()
        }),
        1.9751,
    );
    near(
        without(Measures {
            viewed_percent,
            gained: None,
            ..target()
        }),
        2.0219,
    );
}

#[test]
fn a_channel_with_hits_asks_more_of_the_next_one() {
    let mut viral = VIEWS;
    viral[6] = 3_050_000.0;
    component(
        reach(&viral, 12_400.0).reach,
        [8.5072, 0.4201, 0.5611, 0.9183, 1.2412],
    );
    component(
        reach(&VIEWS, 60_000.0).reach,
        [8.5072, 0.2404, 0.3869, 2.4949, 3.0],
    );
    assert_eq!(reach(&VIEWS, 60_000.0).label, Label::Outlier);
}

#[test]
fn four_videos_a_typical_video_and_a_flop() {
    let few = reach(&VIEWS[..4], 12_400.0);
    component(few.reach, [8.4664, 0.1449, 0.4240, 0.9592, 1.4920]);
    near(few.multiplier, 1.7300);
    assert_eq!((few.label, few.score), (Label::Provisional, 93));
    let typical = reach(&VIEWS, 4900.0);
    component(typical.reach, [8.5072, 0.2404, 0.3869, -0.0100, 0.0028]);
    assert_eq!(typical.label, Label::Typical);
    let flop = reach(&VIEWS, 1500.0);
    component(flop.reach, [8.5072, 0.2404, 0.3869, -1.1933, -2.9468]);
    assert_eq!(flop.label, Label::Below);
}

#[test]
fn no_spread_and_no_views_divide_by_nothing() {
    component(
        reach(&[100.0; 6], 100.0).reach,
        [4.6151, 0.0, 0.3017, 0.0, 0.0],
    );
    let twice = reach(&[100.0; 6], 200.0);
    component(twice.reach, [4.6151, 0.0, 0.3017, 0.6882, 1.6380]);
    assert_eq!(twice.label, Label::Above);
    component(reach(&[0.0; 5], 0.0).reach, [0.0, 0.0, 1.0488, 0.0, 0.0]);
}

#[test]
fn the_level_follows_a_channel_that_grows() {
    let growing: Vec<f64> = (0..20).map(|i| 1000.0 * 1.1_f64.powi(i)).collect();
    let next = reach(&growing, 1000.0 * 1.1_f64.powi(20));
    component(next.reach, [8.0518, 0.5650, 0.6336, 0.7623, 1.3265]);
    assert_eq!(next.label, Label::Above);
    let fading: Vec<f64> = growing.into_iter().rev().collect();
    component(
        reach(&fading, 1000.0 / 1.1).reach,
        [7.5755, 0.5650, 0.6337, -0.7619, -1.4767],
    );
}
