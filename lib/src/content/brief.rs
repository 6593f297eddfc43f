//! What is asked for, as it is stored and as the model is shown it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::{ContentKind, Form, GenerateBody};
use crate::language::{LANGUAGE_RULE, is_language_tag};
use platform::{endpoint::Problem, field_errors::FieldErrors};

/// Seconds that a Short has at most.
const LONGEST_SHORT: u32 = 180;

/// What was asked for. A field that is not set is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Brief {
    /// What the video is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<String>,
    /// Anything the writer should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notes: Option<String>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) audience: Option<String>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    /// `short` or `long`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<Form>,
    /// Length of the video, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target_seconds: Option<u32>,
    /// How many ideas or titles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u32>,
}

impl Brief {
    /// What the body says, and where it says nothing what `earlier` said.
    pub(super) fn of(body: &GenerateBody, earlier: Option<&Self>) -> Self {
        let none = Self::default();
        let earlier = earlier.unwrap_or(&none);
        let text = |new: &Option<String>, old: &Option<String>| {
            let new = new
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty());
            new.map(str::to_owned).or_else(|| old.clone())
        };
        let target_seconds = body.target_seconds.or(earlier.target_seconds);
        Self {
            topic: text(&body.topic, &earlier.topic),
            notes: text(&body.notes, &earlier.notes),
            audience: text(&body.audience, &earlier.audience),
            language: text(&body.language, &earlier.language),
            // So long a video is no Short, whatever else works on the channel.
            form: body.form.or(earlier.form).or(target_seconds
                .filter(|seconds| *seconds > LONGEST_SHORT)
                .map(|_| Form::Long)),
            target_seconds,
            count: body.count.or(earlier.count),
        }
    }

    /// The form of the video.
    pub(super) fn form(&self) -> Form {
        self.form.unwrap_or(Form::Long)
    }

    /// The length to aim for.
    pub(super) fn seconds(&self) -> u32 {
        self.target_seconds.unwrap_or(match self.form() {
            Form::Short => 45,
            Form::Long => 360,
        })
    }

    /// How many items to write.
    pub(super) fn count(&self, kind: ContentKind) -> u32 {
        self.count
            .unwrap_or(if kind == ContentKind::Ideas { 5 } else { 8 })
    }

    /// What the user wrote, with the place it came from and the characters it may have.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str, usize)> {
        [
            ("/topic", &self.topic, 300),
            ("/notes", &self.notes, 2000),
            ("/audience", &self.audience, 200),
        ]
        .into_iter()
        .filter_map(|(pointer, text, most)| Some((pointer, text.as_deref()?, most)))
    }

    /// Checks lengths and ranges.
    ///
    /// # Errors
    ///
    /// `invalid_body` with every field that is not acceptable.
    pub(super) fn check(&self, kind: ContentKind) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        for (pointer, text, max) in self.texts() {
            let length = text.chars().count();
            if length > max {
                let rule = format!("must be at most {max} characters, it has {length}");
                errors.add(pointer, rule);
            }
        }
        let language = self.language.as_deref();
        if language.is_some_and(|language| !is_language_tag(language)) {
            errors.add("/language", LANGUAGE_RULE);
        }
        let longest = match self.form() {
            Form::Short => LONGEST_SHORT,
            Form::Long => 3600,
        };
        let counts = match kind {
            ContentKind::Ideas => 3..=10,
            ContentKind::Titles => 5..=10,
            ContentKind::Script | ContentKind::Description => 1..=1,
        };
        for (pointer, number, range) in [
            ("/target_seconds", self.target_seconds, 15..=longest),
            ("/count", self.count, counts),
        ] {
            if number.is_some_and(|number| !range.contains(&number)) {
                let rule = format!("must lie between {} and {}", range.start(), range.end());
                errors.add(pointer, rule);
            }
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests;
