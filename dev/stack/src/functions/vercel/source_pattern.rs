//! Patterns of rules: the sources of redirects, rewrites and headers (`/v/:id`, `/files/:path*`, `/api/(.*)`), and those of
//! `functions` (`api/cron/*.rs`, `api/**/*.rs`).

use regex::Regex;

/// A pattern and what its parts are called.
#[derive(Debug)]
pub(super) struct SourcePattern {
    regex: Regex,
    names: Vec<String>,
}

impl SourcePattern {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut pattern = String::from("^");
        let mut names = Vec::new();
        let mut rest = source;
        while let Some(next) = rest.chars().next() {
            if let Some((name, after)) = parameter(rest) {
                names.push(name.to_owned());
                rest = add_parameter(&mut pattern, after)?;
            } else if next == '(' {
                let (inner, after) = group(rest)?;
                names.push(names.len().to_string());
                pattern.push_str(&format!("({inner})"));
                rest = after;
            } else {
                pattern.push_str(&regex::escape(&next.to_string()));
                rest = &rest[next.len_utf8()..];
            }
        }
        pattern.push('$');
        let regex = Regex::new(&pattern).map_err(|error| format!("source {source:?}: {error}"))?;
        Ok(Self { regex, names })
    }

    pub(super) fn is_match(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }

    /// The destination with its parameters filled in, and those for the query: its own, and the named ones it does not use.
    pub(super) fn apply(
        &self,
        path: &str,
        destination: &str,
    ) -> Option<(String, Vec<(String, String)>)> {
        let found = self.regex.captures(path)?;
        let mut target = destination.to_owned();
        let mut unused = Vec::new();
        for (number, name) in (1..).zip(&self.names) {
            let value = found.get(number).map_or("", |part| part.as_str());
            let mut used = false;
            for placeholder in [
                format!(":{name}*"),
                format!(":{name}+"),
                format!(":{name}"),
                format!("${number}"),
            ] {
                used |= target.contains(&placeholder);
                target = target.replace(&placeholder, value);
            }
            if !used && !name.starts_with(|first: char| first.is_ascii_digit()) {
                unused.push((name.clone(), value.to_owned()));
            }
        }
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let own = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            });
        Some((path.to_owned(), own.chain(unused).collect()))
    }
}

/// Whether a pattern of `functions` fits the file of a function.
pub(super) fn fits(pattern: &str, file: &str) -> bool {
    let glob = regex::escape(pattern)
        .replace(r"\*\*/", "(?:.*/)?")
        .replace(r"\*", "[^/]*");
    pattern == file || Regex::new(&format!("^{glob}$")).is_ok_and(|glob| glob.is_match(file))
}

/// The name of the parameter that `text` begins with, and what follows.
fn parameter(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix(':')?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = after.bytes().take_while(is_part).count();
    (length > 0).then(|| after.split_at(length))
}

/// Writes what a parameter fits, with the group and the repetition that may follow its name; the rest.
fn add_parameter<'a>(pattern: &mut String, after: &'a str) -> Result<&'a str, String> {
    let (inner, rest) = if after.starts_with('(') {
        group(after)?
    } else {
        ("[^/]+?", after)
    };
    let Some(many @ ('*' | '+')) = rest.chars().next() else {
        pattern.push_str(&format!("({inner})"));
        return Ok(rest);
    };
    let optional = if many == '*' { "?" } else { "" };
    if pattern.ends_with('/') {
        // The slash before belongs to the repeated part.
        pattern.pop();
        pattern.push_str(&format!("(?:/({inner}(?:/{inner})*)){optional}"));
    } else {
        pattern.push_str(&format!("({inner}(?:/{inner})*){optional}"));
    }
    Ok(&rest[1..])
}

/// The text inside the parenthesis that `text` begins with, and what follows.
fn group(text: &str) -> Result<(&str, &str), String> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&text[1..at], &text[at + 1..]));
        }
    }
    Err(format!("{text:?} lacks a closing parenthesis"))
}
