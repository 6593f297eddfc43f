//! The names under which columns are known, in the languages of YouTube Studio.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::columns::Field;

/// What a column's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It holds this.
    Is(Field),
    /// The time of publication, as only YouTube Studio calls it.
    StudioPublished,
    /// A date that may be the time of publication or of observation.
    Date,
    /// It is only in Google Takeout's list of videos.
    Takeout,
}

/// Names with what they mean; of two names for the same thing the one with the lower rank is meant.
static NAMES: LazyLock<HashMap<String, (Known, usize)>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for (rank, (kind, name)) in lines().enumerate() {
        let known = match kind {
            "studio" => Known::StudioPublished,
            "date" => Known::Date,
            "takeout" => Known::Takeout,
            kind => match Field::named(kind) {
                Some(field) => Known::Is(field),
                None => continue,
            },
        };
        names.entry(fold(name)).or_insert((known, rank));
    }
    names
});

static TOTALS: LazyLock<Vec<String>> = LazyLock::new(|| {
    lines()
        .filter(|(kind, _)| *kind == "total")
        .map(|(_, name)| fold(name))
        .collect()
});

/// The pairs of kind and name in `names.txt`.
fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("names.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (kind, rest) = line.split_once(' ')?;
            let (_, names) = rest.trim_start().split_once(' ')?;
            Some((kind, names))
        })
        .flat_map(|(kind, names)| names.split('|').map(move |name| (kind, name)))
}

/// What a column's name says, and how strongly: 0 most.
pub(super) fn known(name: &str) -> Option<(Known, usize)> {
    NAMES.get(&fold(name)).copied()
}

/// Whether a row with this in place of an id or a title is the sum of the others.
pub(super) fn is_total(text: &str) -> bool {
    let text = fold(text);
    !text.is_empty() && TOTALS.contains(&text)
}

/// A name without what people write differently: case, accents, spaces, quotes, brackets, - _ . : and signs that are not seen.
pub(super) fn fold(name: &str) -> String {
    name.nfkd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
        .filter(|&c| {
            !is_combining_mark(c) && !c.is_whitespace() && !c.is_control() && !IGNORED.contains(c)
        })
        .collect()
}

/// Quotes and brackets of several languages, what joins words, and marks of direction and order.
const IGNORED: &str =
    "-_.:'\"()[]‘’‚“”„«»‹›「」´`\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_written() {
        for name in [
            "viewCount",
            "view_count",
            "VIEW COUNT",
            " Views ",
            "\u{feff}views",
            "Aufrufe",
            "視聴回数",
        ] {
            assert_eq!(
                known(name).map(|(known, _)| known),
                Some(Known::Is(Field::Views)),
                "{name}"
            );
        }
        assert_eq!(known("Titulo del video"), known("Título del vídeo"));
    }

    #[test]
    fn what_only_looks_alike_is_not_known() {
        for name in [
            "Likes (%)",
            "Views (K)",
            "Engaged views",
            "Tayangan",
            "Impressions",
            "Video title length",
            "",
        ] {
            assert_eq!(known(name), None, "{name}");
        }
    }

    #[test]
    fn every_line_names_a_column() {
        for (kind, name) in lines() {
            let is_kind = matches!(kind, "studio" | "date" | "takeout" | "total")
                || Field::named(kind).is_some();
            assert!(is_kind && !fold(name).is_empty(), "{kind} {name}");
        }
        assert!(is_total("Gesamt") && is_total(" 合計 ") && !is_total("Total recall"));
    }
}
