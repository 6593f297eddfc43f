//! What YouTube is told about a video, checked against YouTube's limits before anything is sent.
//!
//! YouTube's policies forbid cutting what a user wrote, so whatever is too long is refused with the field's name.

use uuid::Uuid;

use crate::language::is_language_tag;
use platform::endpoint::Problem;
use platform::field_errors::FieldErrors;

/// YouTube's category "People & Blogs".
pub(super) const DEFAULT_CATEGORY: &str = "22";
/// Longest title, in UTF-16 units (the stricter of the two readings of YouTube's "characters").
const TITLE_UNITS: usize = 100;
/// Longest description, in bytes.
const DESCRIPTION_BYTES: usize = 5000;
/// Longest tags together, by YouTube's own way of counting.
const TAGS_UNITS: usize = 500;

/// What YouTube is told about a video.
pub(super) struct VideoText<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    /// Without our marker.
    pub(super) tags: &'a [String],
    pub(super) category_id: &'a str,
    pub(super) language: Option<&'a str>,
}

/// Our own mark on a video: a tag made from the upload's id. Tags survive everything that is done to a video short of
/// editing them by hand, only the channel sees them, and they come back from `videos.list`; the same name is sent as the
/// file's name. With it a video on the channel is recognised as this upload when the session no longer answers.
pub(crate) fn marker(upload: Uuid) -> String {
    format!("cce-{}", upload.as_simple())
}

/// How long tags are together as YouTube counts: their characters, a comma between two, and two quotation marks around
/// each that holds a space.
fn tags_length<'a>(tags: impl IntoIterator<Item = &'a str>) -> usize {
    let with_comma = |tag: &str| {
        let quotes = if tag.contains(char::is_whitespace) {
            2
        } else {
            0
        };
        tag.encode_utf16().count() + quotes + 1
    };
    tags.into_iter()
        .map(with_comma)
        .sum::<usize>()
        .saturating_sub(1)
}

/// How long a user's tags may be together, beside our marker.
pub(crate) fn tags_room() -> usize {
    // The marker's length does not depend on the id.
    TAGS_UNITS - marker(Uuid::nil()).len() - 1
}

impl VideoText<'_> {
    /// Refuses what YouTube would refuse. Nothing is cut on the user's behalf.
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.errors().into_result()
    }

    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for rule in title_rules(self.title) {
            errors.add("/title", rule);
        }
        for rule in description_rules(self.description) {
            errors.add("/description", rule);
        }
        if let Some(rule) = tags_rule(self.tags) {
            errors.add("/tags", rule);
        }
        if self.tags.iter().any(|tag| is_refused_tag(tag)) {
            errors.add(
                "/tags",
                "must each hold text without commas, quotation marks, < and >",
            );
        }
        let digits = self.category_id.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(1..=3).contains(&self.category_id.len()) {
            errors.add(
                "/category_id",
                "must be the number of a YouTube category, for example \"22\"",
            );
        }
        if self.language.is_some_and(|tag| !is_language_tag(tag)) {
            errors.add(
                "/language",
                "must be a language tag such as en, en-US or pt-BR",
            );
        }
        errors
    }
}

/// The rules of YouTube that a title breaks.
pub(crate) fn title_rules(title: &str) -> Vec<String> {
    let mut rules = Vec::new();
    let units = title.encode_utf16().count();
    if title.trim().is_empty() {
        rules.push("must not be empty".to_owned());
    } else if units > TITLE_UNITS {
        rules.push(format!(
            "must be at most {TITLE_UNITS} characters, it has {units}"
        ));
    }
    if title.chars().any(char::is_control) {
        rules.push("must be one line without control characters".to_owned());
    }
    rules.extend(angle_brackets(title));
    rules
}

/// The rules of YouTube that a description breaks.
pub(crate) fn description_rules(description: &str) -> Vec<String> {
    let bytes = description.len();
    let mut rules = Vec::new();
    if bytes > DESCRIPTION_BYTES {
        rules.push(format!(
            "must be at most {DESCRIPTION_BYTES} bytes in UTF-8, it has {bytes}"
        ));
    }
    rules.extend(angle_brackets(description));
    rules
}

fn angle_brackets(text: &str) -> Option<String> {
    let held = text.contains(['<', '>']);
    held.then(|| "must not contain < or >".to_owned())
}

/// The rule that tags break together when they are too long.
pub(crate) fn tags_rule(tags: &[String]) -> Option<String> {
    let length = tags_length(tags.iter().map(String::as_str));
    let room = tags_room();
    (length > room).then(|| {
        format!(
            "must be at most {room} characters together, counting commas and quotation marks; they have {length}"
        )
    })
}

/// Whether YouTube refuses a tag for what it holds.
pub(crate) fn is_refused_tag(tag: &str) -> bool {
    tag.trim().is_empty() || tag.contains([',', '<', '>', '"']) || tag.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
