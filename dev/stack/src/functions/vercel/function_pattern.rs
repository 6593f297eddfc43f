//! The patterns of `functions`: `api/cron/*.rs`, `api/**/*.rs`.

use regex::Regex;

/// Whether a pattern fits the file of a function.
pub(super) fn fits(pattern: &str, file: &str) -> bool {
    pattern == file || glob(pattern).is_some_and(|pattern| pattern.is_match(file))
}

fn glob(pattern: &str) -> Option<Regex> {
    let mut regex = String::from("^");
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            regex.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            regex.push_str("[^/]*");
            rest = after;
        } else {
            regex.push_str(&regex::escape(&next.to_string()));
            rest = &rest[next.len_utf8()..];
        }
    }
    regex.push('$');
    Regex::new(&regex).ok()
}
