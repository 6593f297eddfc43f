use serde_json::json;

use super::Range;

const RENDERS: Range = Range::up_to(100_000, "renders");

#[test]
fn values_are_read_within_their_ranges() {
    let money = Range::Money { most_dollars: 100 };
    for (range, text, expected) in [
        (RENDERS, "50", json!(50)),
        (RENDERS, "100_000", json!(100_000)),
        (money, "5000000", json!(5_000_000)),
        (money, "$5", json!(5_000_000)),
        (money, "$0.5", json!(500_000)),
        (money, "$100.00", json!(100_000_000)),
        (Range::Share, "0.05", json!(0.05)),
        (Range::Day, "2026-11-30", json!("2026-11-30")),
        (Range::AnyOf(&["a", "b"]), "b, a", json!(["b", "a"])),
        (Range::AnyOf(&["a", "b"]), "none", json!([])),
        (
            Range::Address,
            "https://x.example/",
            json!("https://x.example"),
        ),
        (Range::Secret(3), "abc", json!("abc")),
    ] {
        assert_eq!(range.read(text).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn what_is_out_of_range_is_refused_with_what_would_be_right() {
    let money = Range::Money { most_dollars: 100 };
    for (range, text, expected) in [
        (RENDERS, "-1", "0 to 100000"),
        (RENDERS, "100001", "0 to 100000"),
        (RENDERS, "5.5", "a whole number of renders"),
        (money, "$100.01", "$0 to $100"),
        (money, "$", "$5.00"),
        (money, "$1.0000001", "$5.00"),
        (money, "5 euros", "$5.00"),
        (Range::Share, "5%", "0 to 1"),
        (Range::Share, "NaN", "0 to 1"),
        (Range::Day, "30.11.2026", "2026-11-30"),
        (
            Range::AnyOf(&["work_late"]),
            "work_lte",
            "did you mean work_late?",
        ),
        (Range::Address, "http://x.example", "https"),
        (Range::Secret(16), "short", "16 characters"),
    ] {
        let refused = range.read(text).unwrap_err();
        assert!(refused.contains(expected), "{text}: {refused}");
    }
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let refused = Range::Secret(16).read("hunter2").unwrap_err();
    assert!(!refused.contains("hunter2"), "{refused}");
}
