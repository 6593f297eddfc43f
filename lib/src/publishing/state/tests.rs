use super::*;

#[test]
fn every_reason_is_explained_in_sentences() {
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        assert_eq!(Reason::from_slug(reason.as_str()), Some(*reason));
        for sentence in [Some(reason.explanation()), reason.next_action()]
            .into_iter()
            .flatten()
        {
            assert!(
                sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
                "{sentence}"
            );
        }
    }
}
