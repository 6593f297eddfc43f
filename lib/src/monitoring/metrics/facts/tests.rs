use super::*;

#[test]
fn an_exhausted_quota_has_nothing_left_whatever_our_count_says() {
    let row = |exhausted| QuotaRow {
        bucket: "units".into(),
        capacity: 10_000,
        spent: 90,
        reserved: 10,
        exhausted,
    };
    assert_eq!(Quota::from(row(false)).left, 9_900);
    assert_eq!(Quota::from(row(true)).left, 0);
}
