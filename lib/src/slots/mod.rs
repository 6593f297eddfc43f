//! When a video may go out: weekly slots in a channel's own time zone, resolved date by date.
//!
//! A slot is a weekday and a local time in an IANA zone, never minutes from UTC: 18:00 in Berlin stays 18:00 when summer
//! time ends. A local time that a change of the clock skips moves forward by the gap; one that it repeats means the first.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Disambiguation, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

use clients::quota_day::QuotaDay;
use platform::closest::closest;
use platform::problem::FieldError;

const ZONE_RULE: &str = "must be the name of an IANA time zone, for example Europe/Berlin";

/// An IANA time zone, known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Looks a zone up by its IANA name, as it is written there; none when there is no such zone. Abbreviations and
    /// offsets, which know nothing of summer time, are none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let place =
            name.contains('/') && name.starts_with(|letter: char| letter.is_ascii_uppercase());
        if name.len() > 64 || !(place || name == "UTC") {
            return None;
        }
        let zone = TimeZone::get(name).ok()?;
        // Looking up does not care for case; everybody else who reads the name does.
        (zone.iana_name() == Some(name)).then_some(Self(zone))
    }

    /// The name that was meant by one that is none.
    #[must_use]
    pub(crate) fn closest(name: &str) -> Option<String> {
        let names: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect();
        let known = names.iter().map(String::as_str);
        let known = known.filter(|name| Self::named(name).is_some());
        closest(name, known).map(str::to_owned)
    }

    /// The problem of a name that is none.
    pub(crate) fn unknown(name: &str) -> FieldError {
        FieldError::field("/time_zone", ZONE_RULE)
            .with_value(Some(name.into()))
            .with_closest(Self::closest(name).as_deref())
    }

    /// The zone of a stored name; UTC for one that only the database's release of the time zones knows.
    pub(crate) fn stored(name: &str) -> Self {
        Self::named(name).unwrap_or(Self(TimeZone::UTC))
    }

    pub(super) fn date(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }

    /// The instant of a local time: skipped times move forward by the gap, repeated ones mean the first. An error when it
    /// lies outside the years that can be represented.
    pub(super) fn instant(&self, local: DateTime) -> Result<Timestamp, jiff::Error> {
        self.0
            .to_ambiguous_zoned(local)
            .disambiguate(Disambiguation::Compatible)
            .map(|zoned| zoned.timestamp())
    }
}

/// The instant, the zone and the local time of one publication, as they are stored together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotTime {
    /// The instant.
    #[schema(example = "2026-11-24T17:00:00Z")]
    pub publish_at: Timestamp,
    /// The same instant on the clocks of `time_zone`.
    #[schema(value_type = String, example = "2026-11-24T18:00:00")]
    pub local_time: DateTime,
    /// The IANA time zone.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
}

impl SlotTime {
    /// An instant on a zone's clocks.
    pub(crate) fn of_instant(at: Timestamp, zone: &Zone) -> Self {
        Self {
            publish_at: at,
            local_time: zone.0.to_datetime(at),
            time_zone: zone.0.iana_name().unwrap_or("UTC").to_owned(),
        }
    }

    /// A local time in a zone, resolved as [`Zone::instant`] does.
    pub(crate) fn of_local(local: DateTime, zone: &Zone) -> Result<Self, jiff::Error> {
        zone.instant(local).map(|at| Self::of_instant(at, zone))
    }
}

/// One posting slot of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklySlot {
    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[schema(value_type = u8, minimum = 1, maximum = 7, example = 2)]
    pub weekday: IsoWeekday,
    /// Local time of day, `HH:MM`.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "18:00")]
    pub time: LocalTime,
}

impl WeeklySlot {
    /// The slot's local time on this day, if it is a slot of this day of the week.
    pub(super) fn on(self, day: Date) -> Option<DateTime> {
        (day.weekday().to_monday_one_offset() == self.weekday.0)
            .then(|| day.to_datetime(self.time.0))
    }
}

/// A day of the week, written as its ISO 8601 number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IsoWeekday(i8);

impl IsoWeekday {
    /// The weekday with this ISO number, 1 (Monday) to 7 (Sunday).
    pub(crate) fn new(number: i8) -> Option<Self> {
        (1..=7).contains(&number).then_some(Self(number))
    }
}

impl<'de> Deserialize<'de> for IsoWeekday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i8::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom("must be 1 (Monday) to 7 (Sunday)"))
    }
}

/// A local time of day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(Time);

impl LocalTime {
    /// This hour and minute; none when there is no such time of day.
    pub(crate) fn new(hour: i8, minute: i8) -> Option<Self> {
        Time::new(hour, minute, 0, 0).ok().map(Self)
    }

    fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<i8>().ok())?
        };
        Self::new(digits(hour)?, digits(minute)?)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", self.0.hour(), self.0.minute()))
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("must be a local time as HH:MM, from 00:00 to 23:59"))
    }
}

/// The slots of a channel that has named none: every evening at 18:00.
pub(crate) fn default_week() -> Vec<WeeklySlot> {
    (1..=7)
        .map(|day| WeeklySlot {
            weekday: IsoWeekday(day),
            time: LocalTime(Time::constant(18, 0, 0, 0)),
        })
        .collect()
}

/// How far ahead free slots are looked for, in days.
pub(crate) const HORIZON_DAYS: i64 = 120;

/// What is on a channel's calendar already, and what is full.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    /// Instants at which a video of the channel goes out.
    pub(crate) instants: Vec<Timestamp>,
    /// How far apart two videos of the channel must be.
    pub(crate) gap: SignedDuration,
    /// Quota days on which no upload is left.
    pub(crate) full_days: BTreeSet<QuotaDay>,
}

impl Taken {
    fn allows(&self, at: Timestamp) -> bool {
        let too_close = |other: &Timestamp| at.duration_since(*other).abs() < self.gap;
        !self.instants.iter().any(too_close) && !self.full_days.contains(&QuotaDay::of(at))
    }
}

/// The next free slots strictly after `after`, earliest first, at most `count`.
pub(crate) fn next_free(
    week: &[WeeklySlot],
    zone: &Zone,
    after: Timestamp,
    taken: &Taken,
    count: usize,
) -> Vec<SlotTime> {
    let mut found: Vec<SlotTime> = Vec::new();
    // One day early: the zone's date may lie behind `after`'s by the time a skipped slot has moved forward.
    let yesterday = zone.date(after).yesterday().ok();
    let days =
        std::iter::successors(yesterday, |day| day.tomorrow().ok()).take(HORIZON_DAYS as usize);
    for at in days.flat_map(|day| instants(week, day, zone)) {
        if found.len() >= count {
            break;
        }
        // Two slots are one instant when the clocks skip one of them.
        let repeated = found.last().is_some_and(|last| last.publish_at >= at);
        if at > after && !repeated && taken.allows(at) {
            found.push(SlotTime::of_instant(at, zone));
        }
    }
    found
}

/// The instants of one day's slots, earliest first.
fn instants(week: &[WeeklySlot], day: Date, zone: &Zone) -> BTreeSet<Timestamp> {
    week.iter()
        .filter_map(|slot| zone.instant(slot.on(day)?).ok())
        .collect()
}

#[cfg(test)]
mod tests;
