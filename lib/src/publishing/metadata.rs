//! What YouTube is told about a video, checked against YouTube's limits before anything is sent.
//!
//! YouTube's policies forbid cutting what a user wrote, so whatever is too long is refused with the field's name.

use uuid::Uuid;

use platform::endpoint::Problem;
use platform::endpoint::fields::refuse;

/// YouTube's category "People & Blogs".
pub(super) const DEFAULT_CATEGORY: &str = "22";
/// Longest title, in UTF-16 units (the stricter of the two readings of YouTube's "characters").
pub(crate) const TITLE_UNITS: usize = 100;
/// Longest description, in bytes.
pub(crate) const DESCRIPTION_BYTES: usize = 5000;
/// Longest tags together, by YouTube's own way of counting.
pub(crate) const TAGS_UNITS: usize = 500;

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
pub(crate) fn tags_length<'a>(tags: impl IntoIterator<Item = &'a str>) -> usize {
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

/// Fields that YouTube would refuse: their JSON pointers, and what would be right.
type Violations = Vec<(&'static str, String)>;

impl VideoText<'_> {
    /// Refuses what YouTube would refuse. Nothing is cut on the user's behalf.
    pub(super) fn check(&self) -> Result<(), Problem> {
        refuse(self.violations())
    }

    fn violations(&self) -> Violations {
        let mut found = Vec::new();
        self.check_title(&mut found);
        self.check_description(&mut found);
        self.check_tags(&mut found);
        self.check_category(&mut found);
        self.check_language(&mut found);
        found
    }

    fn check_title(&self, found: &mut Violations) {
        let mut broken = |message: String| found.push(("/title", message));
        let units = self.title.encode_utf16().count();
        if self.title.trim().is_empty() {
            broken("must not be empty".to_owned());
        } else if units > TITLE_UNITS {
            broken(format!(
                "must be at most {TITLE_UNITS} characters, it has {units}"
            ));
        }
        if self.title.chars().any(char::is_control) {
            broken("must be one line without control characters".to_owned());
        }
        if self.title.contains(['<', '>']) {
            broken("must not contain < or >".to_owned());
        }
    }

    fn check_description(&self, found: &mut Violations) {
        let mut broken = |message: String| found.push(("/description", message));
        let bytes = self.description.len();
        if bytes > DESCRIPTION_BYTES {
            broken(format!(
                "must be at most {DESCRIPTION_BYTES} bytes in UTF-8, it has {bytes}"
            ));
        }
        if self.description.contains(['<', '>']) {
            broken("must not contain < or >".to_owned());
        }
    }

    fn check_tags(&self, found: &mut Violations) {
        let mut broken = |message: String| found.push(("/tags", message));
        let (length, room) = (
            tags_length(self.tags.iter().map(String::as_str)),
            tags_room(),
        );
        if length > room {
            broken(format!(
                "must be at most {room} characters together, counting commas and quotation marks; they have {length}"
            ));
        }
        let is_refused = |tag: &String| {
            tag.trim().is_empty()
                || tag.contains([',', '<', '>', '"'])
                || tag.chars().any(char::is_control)
        };
        if self.tags.iter().any(is_refused) {
            broken("must each hold text without commas, quotation marks, < and >".to_owned());
        }
    }

    fn check_category(&self, found: &mut Violations) {
        let digits = self.category_id.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(1..=3).contains(&self.category_id.len()) {
            found.push((
                "/category_id",
                "must be the number of a YouTube category, for example \"22\"".to_owned(),
            ));
        }
    }

    fn check_language(&self, found: &mut Violations) {
        let well_formed = |language: &str| {
            (2..=35).contains(&language.len())
                && language
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if self.language.is_some_and(|language| !well_formed(language)) {
            found.push((
                "/language",
                "must be a BCP 47 language tag, for example \"en\" or \"pt-BR\"".to_owned(),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
