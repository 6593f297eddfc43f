use super::super::scoring_input::tests::channel;
use super::*;

#[test]
fn a_row_has_a_number_or_a_reason() {
    let input = channel(8);
    let verdicts = scoring::channel::score(&MODEL, &input.videos, input.now, input.synced_at);
    let last = serde_json::to_value(stored(&input, 7, &verdicts[7])).expect("JSON");
    assert_eq!(last["basis"], "public_views");
    assert_eq!(last["epoch"], "E0");
    assert_eq!(last["checkpoint_hours"], 48);
    assert_eq!(last["label"], "typical");
    assert_eq!(last["n"], 7);
    assert_eq!(last["timing_checkpoint_hours"], 48);
    assert!(last["withheld"].is_null() && last["components"]["reach"]["m"].is_number());
    let first = serde_json::to_value(stored(&input, 0, &verdicts[0])).expect("JSON");
    assert_eq!(first["withheld"], "too_few");
    for field in [
        "score",
        "multiplier",
        "confidence",
        "confidence_level",
        "inspiration_order",
    ] {
        assert!(first[field].is_null(), "{field}");
    }
}
