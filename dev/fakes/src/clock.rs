//! The clock that all stand-ins share: real time plus an offset that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// Real time plus an offset. Clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows real time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What this clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let real = Timestamp::now().as_millisecond();
        Timestamp::from_millisecond(real.saturating_add(self.offset_ms.load(Ordering::SeqCst)))
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// How far the clock is ahead of real time, in milliseconds.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Sets how far the clock is ahead of real time, in milliseconds.
    pub fn set_offset_ms(&self, offset: i64) {
        self.offset_ms.store(offset, Ordering::SeqCst);
    }
}

/// The zone in which Google's quota days and Analytics days begin.
pub(crate) fn pacific() -> TimeZone {
    static ZONE: std::sync::OnceLock<TimeZone> = std::sync::OnceLock::new();
    ZONE.get_or_init(|| TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC))
        .clone()
}

/// The Pacific calendar day of an instant.
pub(crate) fn pacific_day(at: Timestamp) -> Date {
    at.to_zoned(pacific()).date()
}

/// RFC 3339 to the second, as Google writes it.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time so much later, or the last one there is.
pub(crate) fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
