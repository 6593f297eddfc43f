//! Cuts a migration into its statements, so that an error names the line and the history holds what ran.

use super::tokens::{Kind, Token, tokens};

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
    let mut found = Vec::new();
    let mut start = None;
    let mut nesting = Nesting::default();
    for token in tokens(sql) {
        match token.kind {
            Kind::Comment | Kind::Space => {}
            Kind::Semicolon if nesting.is_outermost() => {
                found.extend(start.take().map(|start| statement(sql, start, token.start)));
                nesting = Nesting::default();
            }
            _ => {
                start.get_or_insert(token.start);
                nesting.follow(&token);
            }
        }
    }
    found.extend(start.map(|start| statement(sql, start, sql.len())));
    found
}

/// What is open at a place in a statement.
#[derive(Default)]
struct Nesting {
    parentheses: usize,
    /// Inside `begin atomic`: how many `end`s are still due.
    blocks: usize,
    word_before: String,
}

impl Nesting {
    fn is_outermost(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn follow(&mut self, token: &Token<'_>) {
        match token.kind {
            Kind::Open => self.parentheses += 1,
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Kind::Quoted => self.word_before.clear(),
            Kind::Word => {
                let word = token.text.to_ascii_lowercase();
                match word.as_str() {
                    "atomic" if self.word_before == "begin" => self.blocks = 1,
                    "case" if self.blocks > 0 => self.blocks += 1,
                    "end" => self.blocks = self.blocks.saturating_sub(1),
                    _ => {}
                }
                self.word_before = word;
            }
            _ => {}
        }
    }
}

fn statement(sql: &str, start: usize, end: usize) -> Statement {
    let line = 1 + sql[..start].matches('\n').count();
    Statement {
        text: sql[start..end].trim_end().to_owned(),
        line,
    }
}

/// The canonical form of each statement that is more than comments: two spellings of one statement have it in common.
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
    use super::{canonical, statements};

    #[test]
    fn spelling_does_not_change_the_canonical_form() {
        assert_eq!(canonical("select  1 -- one\n;"), canonical("select 1"));
        assert_ne!(canonical("select 'a  b'"), canonical("select 'a b c'"));
        assert_eq!(canonical("select a-b, c/d"), "select a-b, c/d");
    }

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
