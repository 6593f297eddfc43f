use super::*;

#[test]
fn only_a_written_nul_is_one() {
    for (text, nul) in [
        (r#"{"a": "\u0000"}"#, true),
        (r#"{"a": "\\u0000"}"#, false),
        (r#"{"a": "\\\u0000"}"#, true),
        (r#"{"a": "\u00001"}"#, true),
        (r#"{"a": "u0000"}"#, false),
    ] {
        assert_eq!(holds_nul(text), nul, "{text}");
    }
}
