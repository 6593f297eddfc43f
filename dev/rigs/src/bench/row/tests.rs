use super::*;

#[test]
fn the_report_has_the_shape_that_programs_read() {
    let row = Row::new("warm", "ms", Runs::new(vec![3.0, 1.0, 2.0]))
        .peer(Runs::new(vec![8.0]))
        .limit(Runs::new(vec![1.6, 2.4]))
        .must(Bound::PeerAtMost(0.5))
        .must(Bound::LimitAtMost(1.3));
    assert_eq!(
        row.to_json(),
        json!({
            "name": "warm", "ours": 2.0, "peer": 8.0, "limit": 2.0, "ratio_peer": 0.25, "ratio_limit": 1.0,
            "unit": "ms", "runs": 3,
            "range": {"ours": [1.0, 3.0], "peer": [8.0, 8.0], "limit": [1.6, 2.4]},
            "must": ["≤ 0.500× peer", "≤ 1.30× limit"], "ok": true, "note": null,
        })
    );
}

#[test]
fn a_bound_without_anything_to_compare_with_is_not_met() {
    let row = |must| Row::new("x", "ms", Runs::once(1.0)).must(must);
    assert!(!row(Bound::PeerAtMost(2.0)).is_met());
    assert!(!row(Bound::LimitAtLeast(0.1)).is_met());
    assert!(row(Bound::AtMost(1.0)).is_met() && row(Bound::AtLeast(1.0)).is_met());
    assert!(!row(Bound::AtMost(0.9)).is_met() && !row(Bound::AtLeast(1.1)).is_met());
}

#[test]
fn quantiles_and_medians_are_of_sorted_runs() {
    let mut runs = Runs::default();
    for value in [5.0, 1.0, 4.0, 2.0, 3.0] {
        runs.push(value);
    }
    assert_eq!(
        (runs.median(), runs.quantile(0.0), runs.quantile(0.99)),
        (3.0, 1.0, 5.0)
    );
    assert!(Runs::default().median().is_nan());
}
