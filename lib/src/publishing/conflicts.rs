//! What stands in the way of a publication: another video too close, the same title again.

use jiff::{SignedDuration, Timestamp};
use unicode_normalization::UnicodeNormalization as _;

/// The taken instant that is nearest to `at` and closer than `gap`, if any.
#[must_use]
pub fn nearest_within(
    taken: &[Timestamp],
    at: Timestamp,
    gap: SignedDuration,
) -> Option<Timestamp> {
    taken
        .iter()
        .copied()
        .map(|other| (other.duration_since(at).abs(), other))
        .filter(|(distance, _)| *distance < gap)
        .min()
        .map(|(_, other)| other)
}

/// The form in which two titles are compared: compatibility-normalised, lower case, letters and digits only, single
/// spaces. A title without any letter or digit keeps its characters, so that `!!!` and `???` stay different.
#[must_use]
pub fn title_key(title: &str) -> String {
    let plain: String = title.nfkc().flat_map(char::to_lowercase).collect();
    let spaced: String = plain
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if words.is_empty() {
        plain.trim().to_owned()
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_that_look_alike_have_one_key() {
        for (left, right, same) in [
            ("Why I Quit!", "why i quit", true),
            ("Why  I\u{a0}Quit…", "WHY I QUIT", true),
            ("ﬁve tips", "Five Tips", true),
            ("Straße", "strasse", false),
            ("5 tips", "6 tips", false),
            ("!!!", "???", false),
            ("C++ in 10 minutes", "C in 10 minutes", true),
        ] {
            assert_eq!(
                title_key(left) == title_key(right),
                same,
                "{left} / {right}"
            );
        }
    }

    #[test]
    fn the_gap_itself_is_free() {
        let at: Timestamp = "2026-11-22T12:00Z".parse().unwrap();
        let hour = SignedDuration::from_hours(1);
        let taken = [at + hour, at - hour - hour];
        assert_eq!(nearest_within(&taken, at, hour), None);
        assert_eq!(
            nearest_within(&taken, at + SignedDuration::from_secs(1), hour),
            Some(at + hour)
        );
        assert_eq!(nearest_within(&[at], at, SignedDuration::ZERO), None);
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(title in ".{0,80}") {
            let key = title_key(&title);
            prop_assert_eq!(title_key(&key), key);
        }
    }
}
