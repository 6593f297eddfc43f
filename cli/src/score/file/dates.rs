//! Times as people, spreadsheets and programs write them.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};

use super::counts::plain_char;
use super::day_words::words;
use super::given::Order;
use super::moment::{Moment, Reading, at, impossible, not_a_time, two_digits};
use crate::score::text::quoted;

/// Reads a time: ISO 8601, RFC 2822, days with the month in words, days of three numbers, days of eight digits, seconds
/// since 1970. Without an offset it is UTC.
///
/// # Errors
/// What is wrong and what would be right.
pub(super) fn read(text: &str) -> Result<Reading, String> {
    let text = text.trim().trim_start_matches('\'');
    if text.is_ascii() {
        return read_plain(text);
    }
    read_plain(&text.chars().map(plain_char).collect::<String>())
}

/// Reads a time whose digits and spaces are ASCII.
fn read_plain(text: &str) -> Result<Reading, String> {
    if text.len() > 64 {
        return Err(not_a_time(text));
    }
    // Data frames write whole numbers as `20240103.0` once a column has gaps.
    let whole = text.strip_suffix(".0").unwrap_or(text);
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(whole).map(Reading::Is);
    }
    if let Some(moment) = standard(text) {
        return Ok(Reading::Is(moment));
    }
    let (date, time) = words(text).ok_or_else(|| not_a_time(text))?;
    date.resolve(time).ok_or_else(|| date.wrong(text))
}

/// The moment that is meant when the order is known.
///
/// # Errors
/// When it is none in that order.
pub(super) fn settle(reading: Reading, order: Option<Order>, text: &str) -> Result<Moment, String> {
    match (reading, order) {
        (Reading::Is(moment), _) => Ok(moment),
        (Reading::Only(only, _), Some(order)) if only != order => Err(impossible(text)),
        (Reading::Only(_, moment), _) => Ok(moment),
        (Reading::Either { day_first, .. }, Some(Order::DayFirst)) => Ok(day_first),
        (Reading::Either { month_first, .. }, Some(Order::MonthFirst)) => Ok(month_first),
        (Reading::Either { .. }, None) => Err(not_a_time(text)),
    }
}

/// A time that nobody can take for anything else.
pub(in crate::score) fn parse_time(text: &str) -> Result<Timestamp, String> {
    match read(text)? {
        Reading::Is(moment) => Ok(moment.at),
        Reading::Only(..) | Reading::Either { .. } => Err(not_a_time(text)),
    }
}

/// A number alone: a day, or seconds or milliseconds since 1970.
fn digits(text: &str) -> Result<Moment, String> {
    let number: i64 = text.parse().map_err(|_| not_a_time(text))?;
    let moment = |time: Result<Timestamp, jiff::Error>| {
        let at = time.map_err(|_| not_a_time(text))?;
        Ok(Moment { at, is_day: false })
    };
    match text.len() {
        8 => {
            let part = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap_or_default();
            let date = Date::new(part(0, 4), part(4, 6) as i8, part(6, 8) as i8).ok();
            date.filter(|date| date.year() >= 1900)
                .and_then(|date| at(date, None))
                .ok_or_else(|| impossible(text))
        }
        9 | 10 => moment(Timestamp::from_second(number)),
        13 => moment(Timestamp::from_millisecond(number)),
        5 => Err(format!(
            "{} is a spreadsheet's number of a day: format the column as a date and save again",
            quoted(text)
        )),
        6 => Err(two_digits(text)),
        _ => Err(not_a_time(text)),
    }
}

/// ISO 8601 and RFC 2822.
fn standard(text: &str) -> Option<Moment> {
    let is_day = !text.contains(':') && !text.contains('T');
    let iso = text
        .strip_suffix(" UTC")
        .or_else(|| text.strip_suffix(" GMT"))
        .unwrap_or(text);
    let timed = iso.parse::<Timestamp>().or_else(|_| {
        let local: DateTime = iso.parse()?;
        local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    match timed {
        Ok(at) => Some(Moment { at, is_day }),
        Err(_) => {
            let at = rfc2822::parse(text).ok()?.timestamp();
            Some(Moment { at, is_day: false })
        }
    }
}

#[cfg(test)]
mod tests;
