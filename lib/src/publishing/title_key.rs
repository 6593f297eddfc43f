//! When two titles count as the same.

use unicode_normalization::UnicodeNormalization as _;

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

    proptest! {
        #[test]
        fn a_key_is_its_own_key(title in ".{0,80}") {
            let key = title_key(&title);
            prop_assert_eq!(title_key(&key), key);
        }
    }
}
