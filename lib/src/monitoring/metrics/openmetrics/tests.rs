use super::*;

#[test]
fn labels_are_escaped_and_missing_values_left_out() {
    let mut text = Text::default();
    text.family("a", "gauge", "", "Help.");
    text.sample("a", &[], None);
    text.sample("a", &[("x", "say \"no\"\\\n")], 1.5);
    assert_eq!(
        text.0,
        "# TYPE a gauge\n# HELP a Help.\na{x=\"say \\\"no\\\"\\\\\\n\"} 1.5\n"
    );
}
