//! The day of Google's quotas, YouTube's and Gemini's, which is also a day of YouTube Analytics: from midnight to midnight in
//! Los Angeles, so 23 or 25 hours twice a year. The database reckons with the same days; a test compares the two.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

const ZONE: &str = "America/Los_Angeles";

/// One day of Google's quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaDay(Date);

impl QuotaDay {
    /// The quota day in which an instant lies.
    ///
    /// # Panics
    ///
    /// When the time zone database has no Los Angeles; it is compiled in.
    pub fn of(at: Timestamp) -> Self {
        Self(zone().to_datetime(at).date())
    }

    /// The quota day of a calendar date in Los Angeles.
    pub fn on(date: Date) -> Self {
        Self(date)
    }

    /// The calendar date in Los Angeles.
    pub fn date(self) -> Date {
        self.0
    }

    /// Midnight at its start.
    pub fn start(self) -> Timestamp {
        self.0
            .to_zoned(zone())
            .map_or(Timestamp::MIN, |start| start.timestamp())
    }

    /// Midnight at its end, when every allowance is full again.
    pub fn end(self) -> Timestamp {
        self.0
            .tomorrow()
            .map_or(Timestamp::MAX, |next| Self(next).start())
    }

    /// How long it is.
    pub fn length(self) -> SignedDuration {
        self.end().duration_since(self.start())
    }
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).expect("the bundled time zone database knows Los Angeles")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quota_day_has_23_24_or_25_hours() {
        for (inside, start, end, hours) in [
            (
                "2026-11-01T12:00Z",
                "2026-11-01T07:00Z",
                "2026-11-02T08:00Z",
                25,
            ),
            (
                "2027-03-14T12:00Z",
                "2027-03-14T08:00Z",
                "2027-03-15T07:00Z",
                23,
            ),
            (
                "2026-11-22T12:00Z",
                "2026-11-22T08:00Z",
                "2026-11-23T08:00Z",
                24,
            ),
            (
                "2026-11-22T07:59:59Z",
                "2026-11-21T08:00Z",
                "2026-11-22T08:00Z",
                24,
            ),
        ] {
            let day = QuotaDay::of(inside.parse().unwrap());
            assert_eq!(day.start(), start.parse().unwrap(), "{inside}");
            assert_eq!(day.end(), end.parse().unwrap(), "{inside}");
            assert_eq!(day.length(), SignedDuration::from_hours(hours), "{inside}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_day_and_days_leave_no_hole(second in 0_i64..4_000_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let day = QuotaDay::of(at);
            prop_assert!(day.start() <= at && at < day.end());
            prop_assert_eq!(QuotaDay::of(day.end()).start(), day.end());
        }
    }
}
