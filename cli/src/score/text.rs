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

/// Names in quotes; of many only the first.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    const MOST: usize = 15;
    let names: Vec<&String> = names
        .into_iter()
        .filter(|name| !name.trim().is_empty())
        .collect();
    let shown: Vec<String> = names.iter().take(MOST).map(|name| quoted(name)).collect();
    match names.len() {
        0 => "no columns".to_owned(),
        count if count > MOST => format!("{} and {} more", shown.join(", "), count - MOST),
        _ => shown.join(", "),
    }
}
