//! Text from the file, as a terminal may show it.

/// A title comes from outside: without line breaks and without anything a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

pub(super) fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length - 1).collect();
    short.push('…');
    short
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(&clean(text), 40))
}
