//! Times, as people write them.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::text::quoted;

/// ISO 8601 with an offset, or without one (UTC), or a date alone (00:00 UTC).
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| {
            let local = text.parse::<civil::DateTime>()?;
            local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        })
        .map_err(|_| {
            format!(
                "{} is not an ISO 8601 time such as 2025-04-25T23:00:48Z",
                quoted(text)
            )
        })
}
