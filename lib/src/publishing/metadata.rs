//! What YouTube is told about a video, checked against YouTube's limits before anything is sent.
//!
//! YouTube's policies forbid cutting what a user wrote, so whatever is too long is refused with the field's name.

use uuid::Uuid;

/// Longest title, in UTF-16 units (the stricter of the two readings of YouTube's "characters").
pub const TITLE_UNITS: usize = 100;
/// Longest description, in bytes.
pub const DESCRIPTION_BYTES: usize = 5000;
/// Longest tags together, by YouTube's own way of counting.
pub const TAGS_UNITS: usize = 500;

/// What YouTube is told about a video.
#[derive(Clone, Copy, Debug)]
pub struct VideoText<'a> {
    /// The title.
    pub title: &'a str,
    /// The description.
    pub description: &'a str,
    /// The tags, without our marker.
    pub tags: &'a [String],
    /// YouTube's category, a number in digits.
    pub category_id: &'a str,
    /// BCP 47 language of title and description.
    pub language: Option<&'a str>,
}

/// A field that YouTube would refuse: its JSON pointer, and a sentence that says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the field.
    pub pointer: &'static str,
    /// What would be right.
    pub message: String,
}

/// Our own mark on a video: a tag made from the upload's id. Tags survive everything that is done to a video short of
/// editing them by hand, only the channel sees them, and they come back from `videos.list`; the same name is sent as the
/// file's name. With it a video on the channel is recognised as this upload when the session no longer answers.
#[must_use]
pub fn marker(upload: Uuid) -> String {
    format!("cce-{}", upload.as_simple())
}

/// How long tags are together as YouTube counts: their characters, a comma between two, and two quotation marks around
/// each that holds a space.
#[must_use]
pub fn tags_length<'a>(tags: impl IntoIterator<Item = &'a str>) -> usize {
    let (count, sum) = tags
        .into_iter()
        .fold((0_usize, 0_usize), |(count, sum), tag| {
            let quotes = if tag.contains(char::is_whitespace) {
                2
            } else {
                0
            };
            (count + 1, sum + tag.encode_utf16().count() + quotes)
        });
    sum + count.saturating_sub(1)
}

impl VideoText<'_> {
    /// Everything that YouTube would refuse.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut refuse = |pointer, message: String| found.push(Violation { pointer, message });
        let units = self.title.encode_utf16().count();
        if self.title.trim().is_empty() {
            refuse("/title", "must not be empty".to_owned());
        } else if units > TITLE_UNITS {
            refuse(
                "/title",
                format!("must be at most {TITLE_UNITS} characters, it has {units}"),
            );
        }
        if self.title.chars().any(char::is_control) {
            refuse(
                "/title",
                "must be one line without control characters".to_owned(),
            );
        }
        let bytes = self.description.len();
        if bytes > DESCRIPTION_BYTES {
            refuse(
                "/description",
                format!("must be at most {DESCRIPTION_BYTES} bytes in UTF-8, it has {bytes}"),
            );
        }
        for (pointer, value) in [("/title", self.title), ("/description", self.description)] {
            if value.contains(['<', '>']) {
                refuse(pointer, "must not contain < or >".to_owned());
            }
        }
        // The marker's own length does not depend on the id.
        let marker = marker(Uuid::nil());
        let room = TAGS_UNITS - marker.len() - 1;
        let length = tags_length(self.tags.iter().map(String::as_str));
        if length > room {
            refuse(
                "/tags",
                format!(
                    "must be at most {room} characters together, counting commas and quotation marks; they have {length}"
                ),
            );
        }
        if self.tags.iter().any(|tag| {
            tag.trim().is_empty()
                || tag.contains([',', '<', '>', '"'])
                || tag.chars().any(char::is_control)
        }) {
            refuse(
                "/tags",
                "must each hold text without commas, quotation marks, < and >".to_owned(),
            );
        }
        if self.category_id.is_empty()
            || self.category_id.len() > 3
            || !self.category_id.bytes().all(|byte| byte.is_ascii_digit())
        {
            refuse(
                "/category_id",
                "must be the number of a YouTube category, for example \"22\"".to_owned(),
            );
        }
        let well_formed = |language: &str| {
            (2..=35).contains(&language.len())
                && language
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if self.language.is_some_and(|language| !well_formed(language)) {
            refuse(
                "/language",
                "must be a BCP 47 language tag, for example \"en\" or \"pt-BR\"".to_owned(),
            );
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(title: &str, description: &str, tags: &[&str]) -> Vec<&'static str> {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        VideoText {
            title,
            description,
            tags: &tags,
            category_id: "22",
            language: Some("en"),
        }
        .violations()
        .into_iter()
        .map(|violation| violation.pointer)
        .collect()
    }

    #[test]
    fn tags_are_counted_as_youtube_counts_them() {
        assert_eq!(tags_length(["Foo Baz"]), 9);
        assert_eq!(tags_length(["Foo", "Baz"]), 7);
        assert_eq!(tags_length(["Foo-Baz"]), 7);
        assert_eq!(tags_length([]), 0);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        assert!(pointers(&"x".repeat(100), &"y".repeat(5000), &["a"]).is_empty());
        assert_eq!(pointers(&"x".repeat(101), "", &[]), ["/title"]);
        // 51 characters, 102 UTF-16 units.
        assert_eq!(pointers(&"🎬".repeat(51), "", &[]), ["/title"]);
        assert_eq!(pointers(" ", "", &[]), ["/title"]);
        assert_eq!(pointers("a\nb", "", &[]), ["/title"]);
        assert_eq!(pointers("a<b", "c>d", &[]), ["/title", "/description"]);
        // 1,667 characters, 5,001 bytes.
        assert_eq!(pointers("x", &"日".repeat(1667), &[]), ["/description"]);
        assert!(pointers("x", "", &[&"t".repeat(463)]).is_empty());
        assert_eq!(pointers("x", "", &[&"t".repeat(464)]), ["/tags"]);
        assert_eq!(pointers("x", "", &["a,b"]), ["/tags"]);
        assert_eq!(marker(Uuid::nil()).len() + 1 + 463, TAGS_UNITS);
    }

    #[test]
    fn category_and_language_are_checked() {
        for (category_id, language, expected) in [
            ("", None, vec!["/category_id"]),
            ("x", None, vec!["/category_id"]),
            ("22", Some("e"), vec!["/language"]),
            ("22", Some("pt-BR"), vec![]),
        ] {
            let text = VideoText {
                title: "x",
                description: "",
                tags: &[],
                category_id,
                language,
            };
            let found: Vec<_> = text
                .violations()
                .into_iter()
                .map(|violation| violation.pointer)
                .collect();
            assert_eq!(found, expected);
        }
    }
}
