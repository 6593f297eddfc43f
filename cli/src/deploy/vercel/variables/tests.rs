use super::*;

fn variable(value: &str, is_secret: bool) -> Variable {
    let (name, value) = ("A".to_owned(), value.to_owned());
    Variable {
        name,
        value,
        is_secret,
        in_previews: false,
    }
}

#[test]
fn a_secret_is_compared_by_its_fingerprint_and_others_by_their_value() {
    let secret = variable("a secret value", true);
    let kept = Known(vec![
        json!({"key": "A", "type": "sensitive", "target": ["production"], "comment": comment(&secret)}),
    ]);
    assert!(kept.is_as_wanted(&secret) && !kept.is_other("A", "a secret value"));
    assert!(!kept.is_as_wanted(&variable("another", true)) && kept.is_other("A", "another"));
    assert!(!comment(&secret).contains("a secret value"));
    let plain = Known(vec![
        json!({"key": "A", "type": "plain", "target": "production", "value": "x"}),
    ]);
    assert!(
        plain.is_as_wanted(&variable("x", false)) && !plain.is_as_wanted(&variable("y", false))
    );
}
