//! Checks of what is written against the limits of YouTube and of this product.

use crate::publishing::metadata::{
    DESCRIPTION_BYTES, TAGS_UNITS, TITLE_UNITS, marker, tags_length,
};
use uuid::Uuid;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON pointer into the output.
    pub(in crate::content) pointer: String,
    /// What would be right.
    pub(in crate::content) rule: String,
}

/// Characters that all tags may have together, so that our marker still fits.
pub(in crate::content) fn tags_room() -> usize {
    TAGS_UNITS - marker(Uuid::nil()).len() - 1
}

/// The rules that an output breaks.
#[derive(Default)]
pub(super) struct Checks {
    pub(super) violations: Vec<Violation>,
}

impl Checks {
    pub(super) fn broken(&mut self, pointer: impl Into<String>, rule: impl Into<String>) {
        self.violations.push(Violation {
            pointer: pointer.into(),
            rule: rule.into(),
        });
    }

    pub(super) fn count(&mut self, pointer: &str, count: usize, max: usize) {
        if !(1..=max).contains(&count) {
            self.broken(
                pointer,
                format!("must have 1 to {max} entries, it has {count}"),
            );
        }
    }

    pub(super) fn text(&mut self, pointer: &str, text: &str, max: usize) {
        self.length(pointer, text, text.chars().count(), max);
    }

    pub(super) fn line(&mut self, pointer: &str, text: &str, max: usize) {
        self.text(pointer, text, max);
        self.one_line(pointer, text);
    }

    /// What YouTube accepts as a title.
    pub(super) fn title(&mut self, pointer: &str, title: &str) {
        self.length(pointer, title, title.encode_utf16().count(), TITLE_UNITS);
        self.no_angle_brackets(pointer, title);
        self.one_line(pointer, title);
    }

    /// What YouTube accepts as a description.
    pub(super) fn description(&mut self, pointer: &str, text: &str) {
        let bytes = text.len();
        if text.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        }
        if bytes > DESCRIPTION_BYTES {
            self.broken(
                pointer,
                format!(
                    "must be at most {DESCRIPTION_BYTES} bytes in UTF-8, chapters and links included; it has {bytes}"
                ),
            );
        }
        self.no_angle_brackets(pointer, text);
    }

    /// What YouTube accepts as tags, beside our marker.
    pub(super) fn tags(&mut self, pointer: &str, tags: &[String]) {
        for (i, tag) in tags.iter().enumerate() {
            let malformed = tag.trim().is_empty()
                || tag.contains([',', '<', '>', '"'])
                || tag.chars().any(char::is_control);
            if malformed {
                self.broken(
                    format!("{pointer}/{i}"),
                    "must hold text without commas, quotation marks, < and >",
                );
            }
        }
        let (length, room) = (tags_length(tags.iter().map(String::as_str)), tags_room());
        if length > room {
            self.broken(
                pointer,
                format!(
                    "must be at most {room} characters together, counting commas and quotation marks; they have {length}"
                ),
            );
        }
    }

    fn length(&mut self, pointer: &str, text: &str, length: usize, max: usize) {
        if text.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        } else if length > max {
            self.broken(
                pointer,
                format!("must be at most {max} characters, it has {length}"),
            );
        }
    }

    fn one_line(&mut self, pointer: &str, text: &str) {
        if text.chars().any(char::is_control) {
            self.broken(pointer, "must be one line without control characters");
        }
    }

    fn no_angle_brackets(&mut self, pointer: &str, text: &str) {
        if text.contains(['<', '>']) {
            self.broken(pointer, "must not contain < or >");
        }
    }
}
