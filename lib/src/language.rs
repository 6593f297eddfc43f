//! Language tags.

/// What a text that is none should be.
pub(crate) const LANGUAGE_RULE: &str = "must be a language tag such as en, en-US or pt-BR";

/// Whether a text is a language tag such as `en`, `en-US` or `zh-Hans-CN`: a language of two or three small letters, then
/// at most two subtags of two to eight letters or digits.
pub(crate) fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && parts.clone().count() <= 2
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_checked() {
        for good in ["en", "en-US", "pt-BR", "zh-Hans-CN", "fil"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in [
            "",
            "e",
            "EN",
            "english",
            "en_US",
            "en-",
            "en-US-x-y",
            "en-U$",
        ] {
            assert!(!is_language_tag(bad), "{bad}");
        }
    }
}
