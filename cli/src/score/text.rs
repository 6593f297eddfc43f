//! Text from the file, as a terminal may show it, and times, as people write them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A title comes from outside: without line breaks and without anything a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    text.trim().replace(char::is_control, " ")
}

pub(super) fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(&clean(text), 40))
}

/// ISO 8601 with an offset, or without one (UTC), or a date alone (00:00 UTC).
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let local = || text.parse::<DateTime>()?.to_zoned(TimeZone::UTC);
    let time = text
        .parse()
        .or_else(|_| local().map(|zoned| zoned.timestamp()));
    let example = "is not an ISO 8601 time such as 2025-04-25T23:00:48Z";
    time.map_err(|_| format!("{} {example}", quoted(text)))
}
