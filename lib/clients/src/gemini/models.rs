//! What is known about the models: which thinking levels each takes, and how to compare the model that answered with
//! the one that was asked for.

use super::request::ThinkingLevel::{self, High, Low, Medium, XHigh};

/// The most output a call that does not stream may ask for.
pub const MAX_OUTPUT_WITHOUT_STREAM: u32 = 32_768;

/// Thinking levels by the beginning of the model id; the longest match wins. A model that is not listed, or listed
/// with none, is sent no thinking configuration, since a level it does not know is refused.
const LEVELS: &[(&str, &[ThinkingLevel])] = &[
    ("gemini-3.1-flash-lite", &[]),
    ("gemini-3.1-pro", &[Low, Medium, High]),
    ("gemini-3.5-flash", &[Low, Medium, High]),
    ("gemini-3.5-flash-lite", &[]),
    ("gemini-3.6-flash", &[Low, Medium, High]),
    ("gemini-3.7-flash", &[Low, Medium, High]),
    ("gemini-3.8-flash", &[Low, Medium, High]),
    ("gemini-4-argon", &[Low, Medium, High]),
    ("gemini-4-hydrogen", &[Low, Medium, High, XHigh]),
];

/// `level` when `model` is known to take it.
pub fn supported(model: &str, level: ThinkingLevel) -> Option<ThinkingLevel> {
    let model = bare(model);
    LEVELS
        .iter()
        .filter(|(prefix, _)| model.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .filter(|(_, levels)| levels.contains(&level))
        .map(|_| level)
}

/// The id without the `models/` that lists and answers put before it.
pub fn bare(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

/// Whether the model that answered is the one asked for, apart from a version suffix such as `-001`. A retired id can
/// be answered by a newer model at another price; an alias (`…-latest`) is always answered by something else.
pub fn same_family(asked: &str, answered: &str) -> bool {
    let (asked, answered) = (bare(asked), bare(answered));
    match answered.strip_prefix(asked) {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_sent_only_to_models_known_to_take_it() {
        assert_eq!(supported("gemini-3.8-flash", Low), Some(Low));
        assert_eq!(supported("models/gemini-3.8-flash-001", Low), Some(Low));
        assert_eq!(supported("gemini-3.8-flash", ThinkingLevel::Minimal), None);
        assert_eq!(supported("gemini-3.5-flash-lite", Low), None);
        assert_eq!(supported("gemini-9-neon", Low), None);
        assert_eq!(supported("gemini-4-hydrogen", XHigh), Some(XHigh));
    }

    #[test]
    fn a_rerouted_answer_is_recognised() {
        assert!(same_family("gemini-3.8-flash", "gemini-3.8-flash"));
        assert!(same_family(
            "gemini-3.8-flash",
            "models/gemini-3.8-flash-001"
        ));
        assert!(!same_family("gemini-3.7-flash", "gemini-3.8-flash"));
        assert!(!same_family("gemini-3.8-flash", "gemini-3.8-flash-lite"));
        assert!(!same_family("gemini-flash-latest", "gemini-3.8-flash"));
    }
}
