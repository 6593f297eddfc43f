use super::*;

proptest::proptest! {
    #[test]
    fn only_what_stands_in_quotation_marks_is_a_tag(value in "\\PC{0,40}") {
        let tag = is_entity_tag(&value);
        proptest::prop_assert!(!tag || (value.is_ascii() && value.ends_with('"') && value.len() > 1));
        proptest::prop_assert_eq!(
            is_entity_tag(&format!("\"{value}\"")),
            value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
        );
    }
}
