//! What two spellings of one statement have in common.

use super::tokens::{Kind, tokens};

/// The canonical form of each statement that is more than comments.
pub(super) fn canonical_all<'a>(statements: impl Iterator<Item = &'a str>) -> Vec<String> {
    statements
        .map(canonical)
        .filter(|text| !text.is_empty())
        .collect()
}

/// The statement without comments and with single spaces.
fn canonical(sql: &str) -> String {
    let plain: String = tokens(sql)
        .map(|token| match token.kind {
            Kind::Comment | Kind::Space | Kind::Semicolon => " ",
            _ => token.text,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn spelling_does_not_change_the_canonical_form() {
        assert_eq!(canonical("select  1 -- one\n;"), canonical("select 1"));
        assert_ne!(canonical("select 'a  b'"), canonical("select 'a b c'"));
        assert_eq!(canonical("select a-b, c/d"), "select a-b, c/d");
    }
}
