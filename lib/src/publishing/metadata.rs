//! What YouTube is told about a video, checked against YouTube's limits before anything is sent.
//!
//! YouTube's policies forbid cutting what a user wrote, so whatever is too long is refused with the field's name.

use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::categories::is_assignable;
use crate::language::{LANGUAGE_RULE, is_language_tag};
use platform::endpoint::{Kind, Problem};
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
        let quotes = usize::from(tag.contains(char::is_whitespace)) * 2;
        tag.encode_utf16().count() + quotes + 1
    };
    let length: usize = tags.into_iter().map(with_comma).sum();
    length.saturating_sub(1)
}

/// How long a user's tags may be together, beside our marker.
pub(crate) fn tags_room() -> usize {
    // The marker's length does not depend on the id.
    TAGS_UNITS - marker(Uuid::nil()).len() - 1
}

impl VideoText<'_> {
    /// Refuses what YouTube would refuse. Nothing is cut on the user's behalf.
    pub(super) fn check(&self) -> Result<(), Problem> {
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
            let rule = "must each hold text without commas, quotation marks, < and >";
            errors.add("/tags", rule);
        }
        if !is_assignable(self.category_id) {
            let rule = "must be the id of a category, as GET /api/schedule/categories lists them, for example \"22\"";
            errors.add("/category_id", rule);
        }
        if self.language.is_some_and(|tag| !is_language_tag(tag)) {
            errors.add("/language", LANGUAGE_RULE);
        }
        errors.into_result()
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

/// The form in which two titles are compared: compatibility-normalised, lower case, letters and digits only, single
/// spaces. A title without any letter or digit keeps its characters, so that `!!!` and `???` stay different.
#[must_use]
pub fn title_key(title: &str) -> String {
    let plain: String = title.nfkc().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = plain
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        plain.trim().to_owned()
    } else {
        words.join(" ")
    }
}

/// Checks what YouTube wants to know of a video before it is published: a problem names each answer that is missing.
pub(super) fn required_answers(
    made_for_kids: Option<bool>,
    altered_content: Option<bool>,
) -> Result<(), Problem> {
    if made_for_kids.is_some() && altered_content.is_some() {
        return Ok(());
    }
    let mut problem = Problem::new(Kind::AnswersMissing).detail(
        "YouTube wants two answers before a video is published: whether it is made for kids, and whether it shows \
         realistic altered or synthetic content.",
    );
    if made_for_kids.is_none() {
        let question = "answer true or false: is the video made for kids?";
        problem = problem.pointer("/made_for_kids", question);
    }
    if altered_content.is_none() {
        let question = "answer true or false: does it show realistic altered or synthetic content?";
        problem = problem.pointer("/altered_content", question);
    }
    Err(problem)
}

#[cfg(test)]
mod tests;
