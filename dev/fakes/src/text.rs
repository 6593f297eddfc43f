//! The wording of made-up texts.

/// The text with a capital letter at its beginning.
pub(crate) fn capitalized(mut text: String) -> String {
    if let Some(first) = text.chars().next() {
        text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    text
}
