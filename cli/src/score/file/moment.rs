//! What a field with a time says, and why another says nothing.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::given::Order;
use crate::score::text::quoted;

/// A moment, or a day of which no more is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For a day, its first moment (UTC).
    pub(super) at: Timestamp,
    /// Whether only the day is known.
    pub(super) is_day: bool,
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// One moment, however days and months are ordered.
    Is(Moment),
    /// A moment that is one in one order only.
    Only(Order, Moment),
    /// 03/04/2024.
    Either {
        day_first: Moment,
        month_first: Moment,
    },
}

/// A moment of a day, or the day.
pub(super) fn at(date: Date, time: Option<Time>) -> Option<Moment> {
    let local = date.to_datetime(time.unwrap_or(Time::midnight()));
    let at = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Moment {
        at,
        is_day: time.is_none(),
    })
}

pub(super) fn not_a_time(text: &str) -> String {
    format!(
        "{} is not an ISO 8601 time such as 2025-04-25T23:00:48Z or 2025-04-25: write it so",
        quoted(text)
    )
}

pub(super) fn impossible(text: &str) -> String {
    format!(
        "{} is no day of the calendar: write it as in 2025-04-25",
        quoted(text)
    )
}

pub(super) fn two_digits(text: &str) -> String {
    format!(
        "{} has a year of two digits, so it may be several days: write it as in 2025-04-25",
        quoted(text)
    )
}
