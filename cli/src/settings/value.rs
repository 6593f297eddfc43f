//! What a setting may be: how it is read, shown and described.

use jiff::civil::Date;
use platform::closest::closest;
use serde_json::{Value, json};

/// The values that a setting may have.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    /// A whole number between these, of so many of the unit.
    Whole {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
        /// What is counted, in the plural.
        unit: &'static str,
    },
    /// Money, kept in millionths of a US dollar and given so or as `$5.00`; at most so many dollars.
    Money {
        /// The most, in US dollars.
        most_dollars: i64,
    },
    /// A part of the whole, 0 to 1.
    Share,
    /// A day, such as 2026-11-30.
    Day,
    /// Any of these, between commas.
    AnyOf(&'static [&'static str]),
    /// An https address, which Vault keeps.
    Address,
    /// Text that nobody else may read, of at least so many characters; Vault keeps it.
    Secret(usize),
}

impl Range {
    /// A whole number from 0 on.
    pub(crate) const fn up_to(most: i64, unit: &'static str) -> Self {
        let least = 0;
        Self::Whole { least, most, unit }
    }

    /// Whether Vault keeps it.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Address | Self::Secret(_))
    }

    /// Reads what somebody wrote; otherwise says what would be right.
    ///
    /// # Errors
    ///
    /// A sentence for whoever wrote it.
    pub fn read(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let refused = || format!("{text:?} is not {self}");
        match self {
            Self::Whole { least, most, .. } => whole(text)
                .filter(|number| (least..=most).contains(number))
                .map(|number| json!(number)),
            Self::Money { most_dollars } => micros(text)
                .filter(|micros| (0..=most_dollars * 1_000_000).contains(micros))
                .map(|micros| json!(micros)),
            Self::Share => text
                .parse::<f64>()
                .ok()
                .filter(|share| (0.0..=1.0).contains(share))
                .map(|share| json!(share)),
            Self::Day => text.parse::<Date>().ok().map(|day| json!(day)),
            Self::AnyOf(words) => return some(text, words),
            Self::Address => is_address(text).then(|| json!(text.trim_end_matches('/'))),
            Self::Secret(least) => {
                let is_long = text.chars().count() >= least;
                return is_long
                    .then(|| json!(text))
                    .ok_or_else(|| format!("it has fewer than {least} characters"));
            }
        }
        .ok_or_else(refused)
    }

    /// A value as people read it.
    pub fn show(self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => "not set".to_owned(),
            (Self::Money { .. }, Value::Number(number)) => {
                let dollars = number.as_f64().unwrap_or_default() / 1e6;
                format!("{number} (${dollars:.2})")
            }
            (_, Value::Array(words)) if words.is_empty() => "none".to_owned(),
            (_, Value::Array(words)) => words
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        }
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Whole { least, most, unit } => {
                write!(out, "a whole number of {unit}, {least} to {most}")
            }
            Self::Money { most_dollars } => write!(
                out,
                "millionths of a US dollar, or dollars with their sign ($5.00), $0 to ${most_dollars}"
            ),
            Self::Share => out.write_str("a part of the whole, 0 to 1"),
            Self::Day => out.write_str("a day such as 2026-11-30"),
            Self::AnyOf(words) => write!(out, "none, or some of {}", words.join(",")),
            Self::Address => out.write_str("an https address"),
            Self::Secret(least) => write!(out, "a secret of at least {least} characters"),
        }
    }
}

/// A whole number, in which underscores may separate thousands.
fn whole(text: &str) -> Option<i64> {
    text.replace('_', "").parse().ok()
}

/// `$5.00` or 5000000.
fn micros(text: &str) -> Option<i64> {
    let Some(dollars) = text.strip_prefix('$') else {
        return whole(text);
    };
    let (units, parts) = dollars.split_once('.').unwrap_or((dollars, ""));
    let is_number = !units.is_empty()
        && parts.len() <= 6
        && (units.to_owned() + parts)
            .bytes()
            .all(|b| b.is_ascii_digit());
    is_number
        .then(|| format!("{units}{parts:0<6}").parse().ok())
        .flatten()
}

fn some(text: &str, words: &[&str]) -> Result<Value, String> {
    let chosen = text
        .split(',')
        .map(str::trim)
        .filter(|word| !matches!(*word, "" | "none"));
    let chosen: Vec<&str> = chosen.collect();
    let unknown = chosen.iter().find(|word| !words.contains(word));
    match unknown {
        None => Ok(json!(chosen)),
        Some(word) => Err(match closest(word, words.iter().copied()) {
            Some(meant) => format!("there is no {word:?}; did you mean {meant}?"),
            None => format!("there is no {word:?}, only {}", words.join(", ")),
        }),
    }
}

/// Plain http is for the machine itself.
fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
    })
}

#[cfg(test)]
mod tests;
