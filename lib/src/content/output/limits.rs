//! Checks of what is written against the limits of YouTube and of this product.

use crate::publishing::metadata::{description_rules, is_refused_tag, tags_rule, title_rules};

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON pointer into the output.
    pub(in crate::content) pointer: String,
    /// What would be right.
    pub(in crate::content) rule: String,
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
        let length = text.chars().count();
        if text.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        } else if length > max {
            self.broken(
                pointer,
                format!("must be at most {max} characters, it has {length}"),
            );
        }
    }

    pub(super) fn line(&mut self, pointer: &str, text: &str, max: usize) {
        self.text(pointer, text, max);
        if text.chars().any(char::is_control) {
            self.broken(pointer, "must be one line without control characters");
        }
    }

    pub(super) fn title(&mut self, pointer: &str, title: &str) {
        for rule in title_rules(title) {
            self.broken(pointer, rule);
        }
    }

    pub(super) fn description(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        }
        for rule in description_rules(text) {
            self.broken(pointer, rule);
        }
    }

    pub(super) fn tags(&mut self, pointer: &str, tags: &[String]) {
        for (i, tag) in tags.iter().enumerate() {
            if is_refused_tag(tag) {
                self.broken(
                    format!("{pointer}/{i}"),
                    "must hold text without commas, quotation marks, < and >",
                );
            }
        }
        if let Some(rule) = tags_rule(tags) {
            self.broken(pointer, rule);
        }
    }
}
