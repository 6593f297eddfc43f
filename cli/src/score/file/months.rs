//! The names of the months.

use std::sync::LazyLock;

use super::names::fold;

/// Beginnings of names, folded, with the month from 1.
static BEGINNINGS: LazyLock<Vec<(String, i8)>> = LazyLock::new(|| {
    include_str!("months.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once("  "))
        .flat_map(|(_, names)| (1..).zip(names.split_whitespace()))
        .filter(|(_, name)| *name != "-")
        .map(|(month, name)| (fold(name), month))
        .collect()
});

/// The month that a word names, in full or cut short.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = fold(word);
    let begins = BEGINNINGS
        .iter()
        .filter(|(beginning, _)| word.starts_with(beginning.as_str()));
    begins
        .max_by_key(|(beginning, _)| beginning.len())
        .map(|&(_, month)| month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_in_the_languages_of_exports() {
        for (word, number) in [
            ("Jan", 1),
            ("January", 1),
            ("enero", 1),
            ("janv.", 1),
            ("gennaio", 1),
            ("Ocak", 1),
            ("января", 1),
            ("stycznia", 1),
            ("Februar", 2),
            ("lutego", 2),
            ("mars", 3),
            ("März", 3),
            ("Mrz", 3),
            ("mrt", 3),
            ("avril", 4),
            ("kwietnia", 4),
            ("mai", 5),
            ("maj", 5),
            ("mei", 5),
            ("мая", 5),
            ("juin", 6),
            ("czerwca", 6),
            ("juillet", 7),
            ("luglio", 7),
            ("lipca", 7),
            ("août", 8),
            ("Ağustos", 8),
            ("setembro", 9),
            ("sept", 9),
            ("eylül", 9),
            ("outubro", 10),
            ("ott", 10),
            ("Oktober", 10),
            ("listopada", 11),
            ("kasım", 11),
            ("dezembro", 12),
            ("décembre", 12),
            ("diciembre", 12),
            ("Aralık", 12),
            ("ديسمبر", 12),
        ] {
            assert_eq!(month(word), Some(number), "{word}");
        }
        assert_eq!(month("Monday"), None);
    }
}
