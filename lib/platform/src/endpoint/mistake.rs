//! What is wrong with a value that could not be read, from what serde says of it: the rule, what is allowed, and what may have
//! been meant.

use crate::closest::closest;
use crate::problem::FieldError;

/// A mistake in what was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The member that is unknown or missing, below the place where serde stood.
    pub(super) member: Option<String>,
    message: String,
    allowed: Vec<String>,
    closest: Option<String>,
}

impl Mistake {
    /// Reads serde's own messages; what a type of ours says is its rule already.
    pub(super) fn of(message: &str) -> Self {
        if let Some(rest) = message.strip_prefix("unknown field ") {
            return Self::field(rest);
        }
        if let Some(rest) = message.strip_prefix("unknown variant ") {
            return Self::variant(rest);
        }
        if let Some(name) = message
            .strip_prefix("missing field ")
            .and_then(|rest| quoted(rest).next())
        {
            return Self {
                member: Some(name.to_owned()),
                ..Self::plain("must be given".to_owned())
            };
        }
        Self::plain(rule(message))
    }

    fn plain(message: String) -> Self {
        Self {
            member: None,
            message,
            allowed: Vec::new(),
            closest: None,
        }
    }

    fn field(rest: &str) -> Self {
        let mut mistake = Self::unknown(rest);
        mistake.message = match &mistake.closest {
            Some(closest) => format!("is not known here; {closest} is"),
            None => "is not known here".to_owned(),
        };
        mistake
    }

    fn variant(rest: &str) -> Self {
        let mut mistake = Self::unknown(rest);
        let allowed = mistake.allowed.join(", ");
        mistake.message = match &mistake.closest {
            Some(closest) => format!("must be one of {allowed}; {closest} comes closest"),
            None => format!("must be one of {allowed}"),
        };
        mistake.member = None;
        mistake
    }

    /// `` `given`, expected one of `a`, `b` ``
    fn unknown(rest: &str) -> Self {
        let mut names = quoted(rest);
        let given = names.next().unwrap_or_default();
        let allowed: Vec<String> = names.map(ToOwned::to_owned).collect();
        Self {
            closest: closest(given, allowed.iter().map(String::as_str)).map(ToOwned::to_owned),
            member: Some(given.to_owned()),
            allowed,
            ..Self::plain(String::new())
        }
    }

    /// Puts it at its place.
    pub(super) fn at(self, mut place: FieldError) -> FieldError {
        place.message = self.message;
        place.allowed = self.allowed;
        place.closest = self.closest;
        place
    }
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A message of serde about a type or a value, as a rule.
fn rule(message: &str) -> String {
    let wrong = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    if let Some((given, expected)) = wrong.and_then(|text| text.rsplit_once(", expected ")) {
        if given == "null" {
            return format!("must be {}; it must not be null", wanted(expected));
        }
        return format!(
            "must be {}, not {}",
            wanted(expected),
            given.replace('`', "")
        );
    }
    match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "must be a whole number of 0 or more".to_owned()
        }
        "provided string was not `true` or `false`" => "must be true or false".to_owned(),
        _ if message.starts_with("duplicate field") => "must be given once".to_owned(),
        _ if message.starts_with("UUID parsing failed") => "must be a UUID".to_owned(),
        _ if message.contains("timestamp") => {
            "must be a time as RFC 3339 writes it, for example 2026-11-24T17:00:00Z".to_owned()
        }
        _ => message.trim_end_matches('.').to_owned(),
    }
}

/// A type of serde in plain words.
fn wanted(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        _ if expected.starts_with("struct ") => "an object".to_owned(),
        _ => expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(message: &str) -> (Option<String>, FieldError) {
        let mistake = Mistake::of(message);
        let member = mistake.member.clone();
        (member, mistake.at(FieldError::field("", "")))
    }

    #[test]
    fn a_misspelt_field_is_named_with_what_was_meant() {
        let (member, error) =
            explained("unknown field `titel`, expected one of `title`, `description`, `tags`");
        assert_eq!(member.as_deref(), Some("titel"));
        assert_eq!(error.closest.as_deref(), Some("title"));
        assert_eq!(error.allowed, ["title", "description", "tags"]);
        assert_eq!(error.message, "is not known here; title is");
        let (member, error) = explained("unknown field `colour`, expected `title` or `tags`");
        assert_eq!((member.as_deref(), error.closest), (Some("colour"), None));
        assert_eq!(error.message, "is not known here");
        let (_, error) = explained("unknown field `x`, there are no fields");
        assert!(error.allowed.is_empty());
    }

    #[test]
    fn an_unknown_value_is_told_those_that_are_known() {
        let (member, error) =
            explained("unknown variant `script_`, expected one of `ideas`, `script`");
        assert_eq!(member, None);
        assert_eq!(
            error.message,
            "must be one of ideas, script; script comes closest"
        );
        let (_, error) = explained("unknown variant `Short`, expected `short` or `long`");
        assert_eq!(error.closest.as_deref(), Some("short"));
        let (_, error) = explained("unknown variant `poem`, expected `short` or `long`");
        assert_eq!(error.message, "must be one of short, long");
    }

    #[test]
    fn a_wrong_type_is_told_the_right_one() {
        for (message, rule) in [
            (
                "invalid type: string \"three\", expected u32",
                "must be a whole number of 0 or more, not string \"three\"",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "must be a whole number of 0 or more, not integer -1",
            ),
            (
                "invalid type: null, expected a string",
                "must be a string; it must not be null",
            ),
            (
                "invalid type: string \"x\", expected struct BrandVoice",
                "must be an object, not string \"x\"",
            ),
            ("must be 1 to 7", "must be 1 to 7"),
            (
                "UUID parsing failed: invalid length: found 3",
                "must be a UUID",
            ),
        ] {
            assert_eq!(explained(message).1.message, rule);
        }
        let (member, error) = explained("missing field `url`");
        assert_eq!(
            (member.as_deref(), &*error.message),
            (Some("url"), "must be given")
        );
    }
}
