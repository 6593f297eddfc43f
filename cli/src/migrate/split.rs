//! Cuts a migration into its statements, so that an error names the line and the history holds what ran.

/// One statement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text, without the closing semicolon and the space around it.
    pub text: String,
    /// The line it begins on, counted from 1.
    pub line: usize,
}

/// Cuts `sql` at the semicolons that end statements: not those in quotes, dollar quotes, comments, parentheses, or
/// the bodies of `begin atomic … end`.
pub fn statements(sql: &str) -> Vec<Statement> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut start = None;
    let mut parentheses = 0_usize;
    // Inside `begin atomic`: how many `end`s are still due.
    let mut blocks = 0_usize;
    let mut word_before = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if let Some(end) = comment_end(bytes, at) {
            at = end;
            continue;
        }
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if byte == b';' && parentheses == 0 && blocks == 0 {
            if let Some(start) = start.take() {
                found.push(statement(sql, start, at));
            }
            word_before.clear();
            at += 1;
            continue;
        }
        if start.is_none() && byte != b';' {
            start = Some(at);
        }
        match byte {
            b'\'' => {
                // Only the prefix E makes a backslash an escape.
                let escapes = word_before.eq_ignore_ascii_case("e")
                    && at > 0
                    && matches!(bytes[at - 1], b'e' | b'E');
                at = quoted_end(bytes, at, b'\'', escapes);
                word_before.clear();
            }
            b'"' => {
                at = quoted_end(bytes, at, b'"', false);
                word_before.clear();
            }
            b'$' => at = dollar_end(bytes, at),
            b'(' => {
                parentheses += 1;
                at += 1;
            }
            b')' => {
                parentheses = parentheses.saturating_sub(1);
                at += 1;
            }
            _ if is_word(byte) => {
                let end = at
                    + bytes[at..]
                        .iter()
                        .take_while(|byte| is_word(**byte) || **byte == b'$')
                        .count();
                let word = sql[at..end].to_ascii_lowercase();
                match word.as_str() {
                    "atomic" if word_before == "begin" => blocks = 1,
                    "case" if blocks > 0 => blocks += 1,
                    "end" => blocks = blocks.saturating_sub(1),
                    _ => {}
                }
                word_before = word;
                at = end;
            }
            _ => at += 1,
        }
    }
    if let Some(start) = start {
        found.push(statement(sql, start, sql.len()));
    }
    found
}

/// The statement without comments and with single spaces: what two spellings of one statement have in common.
pub(super) fn canonical(sql: &str) -> String {
    let bytes = sql.as_bytes();
    let mut plain = String::with_capacity(sql.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = comment_end(bytes, at) {
            at = end;
            plain.push(' ');
            continue;
        }
        let end = match bytes[at] {
            quote @ (b'\'' | b'"') => quoted_end(
                bytes,
                at,
                quote,
                at > 0 && matches!(bytes[at - 1], b'e' | b'E'),
            ),
            b'$' => dollar_end(bytes, at),
            byte if byte.is_ascii_whitespace() || byte == b';' => {
                plain.push(' ');
                at += 1;
                continue;
            }
            _ => {
                let end = at
                    + bytes[at..]
                        .iter()
                        .take_while(|byte| {
                            !matches!(byte, b'\'' | b'"' | b'$' | b';' | b'-' | b'/')
                                && !byte.is_ascii_whitespace()
                        })
                        .count();
                end.max(at + 1)
            }
        };
        plain.push_str(&sql[at..end]);
        at = end;
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The line of a byte offset, counted from 1.
pub(super) fn line_of(sql: &str, offset: usize) -> usize {
    1 + sql.as_bytes()[..offset.min(sql.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

fn statement(sql: &str, start: usize, end: usize) -> Statement {
    Statement {
        text: sql[start..end].trim_end().to_owned(),
        line: line_of(sql, start),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where a comment that begins here ends; block comments nest.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..at + 2)? {
        b"--" => Some(
            at + bytes[at..]
                .iter()
                .take_while(|byte| **byte != b'\n')
                .count(),
        ),
        b"/*" => {
            let mut depth = 1;
            let mut here = at + 2;
            while depth > 0 && here < bytes.len() {
                match bytes.get(here..here + 2) {
                    Some(b"/*") => (depth, here) = (depth + 1, here + 2),
                    Some(b"*/") => (depth, here) = (depth - 1, here + 2),
                    _ => here += 1,
                }
            }
            Some(here)
        }
        _ => None,
    }
}

/// Where a quoted text that begins here ends. A doubled quote stands for itself.
fn quoted_end(bytes: &[u8], at: usize, quote: u8, backslash_escapes: bool) -> usize {
    let mut here = at + 1;
    while here < bytes.len() {
        if backslash_escapes && bytes[here] == b'\\' {
            here += 2;
        } else if bytes[here] != quote {
            here += 1;
        } else if bytes.get(here + 1) == Some(&quote) {
            here += 2;
        } else {
            return here + 1;
        }
    }
    bytes.len()
}

/// Where a dollar-quoted text that begins here ends; a lone `$`, as in `$1`, is one character.
fn dollar_end(bytes: &[u8], at: usize) -> usize {
    let tag = bytes[at + 1..]
        .iter()
        .take_while(|byte| is_word(**byte))
        .count();
    let opener = &bytes[at..(at + tag + 2).min(bytes.len())];
    if opener.last() != Some(&b'$')
        || opener.len() < 2
        || bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    {
        return at + 1;
    }
    let body = at + opener.len();
    bytes[body..]
        .windows(opener.len())
        .position(|window| window == opener)
        .map_or(bytes.len(), |found| body + found + opener.len())
}

#[cfg(test)]
mod tests {
    use super::{canonical, statements};

    fn texts(sql: &str) -> Vec<String> {
        statements(sql)
            .into_iter()
            .map(|statement| statement.text)
            .collect()
    }

    #[test]
    fn semicolons_in_quotes_comments_and_bodies_end_nothing() {
        let sql = "-- a; comment\nselect 'a;''b', \"x;\" ; /* ; /* ; */ ; */ select E'\\';' ;\n\
                   create function f() returns int language sql as $body$ select 1; select $$;$$; $body$;\n\
                   select $1;";
        assert_eq!(
            texts(sql),
            [
                "select 'a;''b', \"x;\"",
                "select E'\\';'",
                "create function f() returns int language sql as $body$ select 1; select $$;$$; $body$",
                "select $1",
            ]
        );
    }

    #[test]
    fn an_atomic_body_and_a_rule_are_one_statement() {
        let sql = "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3;\
                   create rule r as on insert to t do also (insert into a values (1); insert into b values (2));";
        assert_eq!(texts(sql).len(), 3);
    }

    #[test]
    fn lines_are_those_of_the_statement() {
        let found = statements("\n\n-- why\nselect 1;\n  select 2;select 3");
        assert_eq!(
            found
                .iter()
                .map(|statement| statement.line)
                .collect::<Vec<_>>(),
            [4, 5, 5]
        );
    }

    #[test]
    fn nothing_but_comments_is_no_statement() {
        assert!(statements("-- a\n/* b */ ;;\n").is_empty());
    }

    #[test]
    fn an_unfinished_quote_does_not_hang() {
        for sql in [
            "select 'a",
            "select $x$ a",
            "/* a",
            "select \"a",
            "$",
            "select E'\\",
        ] {
            assert!(statements(sql).len() <= 1, "{sql}");
        }
    }

    #[test]
    fn spelling_does_not_change_the_canonical_form() {
        assert_eq!(canonical("select  1 -- one\n;"), canonical("select 1"));
        assert_ne!(canonical("select 'a  b'"), canonical("select 'a b c'"));
        assert_eq!(canonical("select a-b, c/d"), "select a-b, c/d");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_in_order_and_without_panic(sql in "(\\PC|[-;'\"$()/*\n]|begin atomic|end|case|\\$a\\$){0,60}") {
            let mut rest = sql.as_str();
            for statement in statements(&sql) {
                let at = rest.find(&statement.text);
                proptest::prop_assert!(at.is_some(), "{:?} is not in {rest:?}", statement.text);
                rest = &rest[at.unwrap_or_default() + statement.text.len()..];
            }
        }
    }
}
