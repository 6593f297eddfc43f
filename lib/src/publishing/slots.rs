//! When a video may go out: weekly slots in a channel's own time zone, resolved date by date.
//!
//! A slot is a weekday and a local time in an IANA zone, never minutes from UTC: 18:00 in Berlin stays 18:00 when summer
//! time ends. A local time that a change of the clock skips moves forward by the gap; one that it repeats means the first.

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, DateTime, Time, Weekday},
    tz::{Disambiguation, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

use super::conflicts;
use clients::quota_day::QuotaDay;

/// How far ahead free slots are looked for.
const HORIZON_DAYS: i32 = 120;

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

/// A day of the week, written as its ISO 8601 number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IsoWeekday(i8);

impl IsoWeekday {
    /// The weekday with this ISO number, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn new(number: i8) -> Option<Self> {
        (1..=7).contains(&number).then_some(Self(number))
    }

    fn is(self, day: Weekday) -> bool {
        day.to_monday_one_offset() == self.0
    }
}

impl Serialize for IsoWeekday {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i8(self.0)
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
    #[must_use]
    pub fn new(hour: i8, minute: i8) -> Option<Self> {
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

/// The instant, the zone and the local time of one publication, as they are stored together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotTime {
    /// The instant.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T17:00:00Z")]
    pub publish_at: Timestamp,
    /// The same instant on the clocks of `time_zone`.
    #[schema(value_type = String, example = "2026-11-24T18:00:00")]
    pub local_time: DateTime,
    /// The IANA time zone.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
}

impl SlotTime {
    /// The instant `at`, told in a zone.
    #[must_use]
    pub fn of_instant(at: Timestamp, zone: &Zone) -> Self {
        Self {
            publish_at: at,
            local_time: zone.0.to_datetime(at),
            time_zone: zone.name(),
        }
    }

    /// A local time in a zone. One that is skipped moves forward by the gap, one that is repeated means the first.
    ///
    /// # Errors
    ///
    /// When the time lies outside the years that can be represented.
    pub fn of_local(local: DateTime, zone: &Zone) -> Result<Self, jiff::Error> {
        resolve(local, zone).map(|at| Self::of_instant(at, zone))
    }
}

/// An IANA time zone, known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

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

    fn name(&self) -> String {
        self.0.iana_name().unwrap_or("UTC").to_owned()
    }
}

/// The instant of a local time: skipped times move forward by the gap, repeated ones mean the first.
///
/// # Errors
///
/// When the time lies outside the years that can be represented.
pub fn resolve(local: DateTime, zone: &Zone) -> Result<Timestamp, jiff::Error> {
    zone.0
        .to_ambiguous_zoned(local)
        .disambiguate(Disambiguation::Compatible)
        .map(|zoned| zoned.timestamp())
}

/// What already stands on a channel's calendar, and what is full.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Instants at which a video of the channel goes out.
    pub instants: Vec<Timestamp>,
    /// How far apart two videos of the channel must be.
    pub gap: SignedDuration,
    /// Quota days on which no upload is left.
    pub full_days: BTreeSet<QuotaDay>,
}

/// The next free slots strictly after `after`, earliest first, at most `count`.
#[must_use]
pub fn next_free(
    slots: &[WeeklySlot],
    zone: &Zone,
    after: Timestamp,
    taken: &Taken,
    count: usize,
) -> Vec<SlotTime> {
    let mut week = slots.to_vec();
    week.sort_unstable();
    week.dedup();
    let mut found: Vec<SlotTime> = Vec::with_capacity(count.min(64));
    // One day early: the zone's date may lie behind `after`'s by the time a skipped slot has moved forward.
    let Ok(mut day) = zone.0.to_datetime(after).date().yesterday() else {
        return found;
    };
    for _ in 0..HORIZON_DAYS {
        let mut of_day = instants_of(&week, day, zone);
        of_day.sort_unstable();
        for at in of_day {
            if found.len() >= count {
                return found;
            }
            let repeated = found.last().is_some_and(|last| last.publish_at >= at);
            let clashes = conflicts::nearest_within(&taken.instants, at, taken.gap).is_some();
            if at > after && !repeated && !clashes && !taken.full_days.contains(&QuotaDay::of(at)) {
                found.push(SlotTime::of_instant(at, zone));
            }
        }
        let Ok(next) = day.checked_add(Span::new().days(1)) else {
            return found;
        };
        day = next;
    }
    found
}

fn instants_of(week: &[WeeklySlot], day: Date, zone: &Zone) -> Vec<Timestamp> {
    week.iter()
        .filter(|slot| slot.weekday.is(day.weekday()))
        .filter_map(|slot| resolve(day.to_datetime(slot.time.0), zone).ok())
        .collect()
}

/// The slots of a channel that has named none: every evening at 18:00.
#[must_use]
pub fn default_week() -> Vec<WeeklySlot> {
    (1..=7)
        .map(|day| WeeklySlot {
            weekday: IsoWeekday(day),
            time: LocalTime(Time::constant(18, 0, 0, 0)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap_or_else(|| panic!("no zone {name}"))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn slot(weekday: i8, hour: i8, minute: i8) -> WeeklySlot {
        WeeklySlot {
            weekday: IsoWeekday::new(weekday).unwrap(),
            time: LocalTime::new(hour, minute).unwrap(),
        }
    }

    #[test]
    fn local_times_keep_their_clock_across_changes() {
        for (name, local, expected) in [
            ("America/New_York", "2026-10-30T09:00", "2026-10-30T13:00Z"),
            ("America/New_York", "2026-11-02T09:00", "2026-11-02T14:00Z"),
            ("Europe/Berlin", "2026-10-24T09:00", "2026-10-24T07:00Z"),
            ("Europe/Berlin", "2026-10-26T09:00", "2026-10-26T08:00Z"),
            // Twice on the clock: the first.
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),
            // Not on the clock: forward by the gap, 03:30 EDT.
            ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30Z"),
            // A gap of a whole day: Samoa had no 30 December 2011.
            ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00Z"),
            // A gap of half an hour.
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:15",
                "2026-10-03T15:45Z",
            ),
        ] {
            let resolved = resolve(local.parse().unwrap(), &zone(name)).unwrap();
            assert_eq!(resolved, at(expected), "{name} {local}");
        }
        let skipped = SlotTime::of_local(
            "2027-03-14T02:30".parse().unwrap(),
            &zone("America/New_York"),
        )
        .unwrap();
        assert_eq!(skipped.local_time, "2027-03-14T03:30".parse().unwrap());
    }

    #[test]
    fn weekly_slots_follow_the_zone_over_the_end_of_summer_time() {
        let week = [slot(5, 9, 0), slot(1, 9, 0)];
        let free = next_free(
            &week,
            &zone("America/New_York"),
            at("2026-10-30T00:00Z"),
            &Taken::default(),
            3,
        );
        let instants: Vec<_> = free.iter().map(|slot| slot.publish_at).collect();
        assert_eq!(
            instants,
            [
                at("2026-10-30T13:00Z"),
                at("2026-11-02T14:00Z"),
                at("2026-11-06T14:00Z")
            ]
        );
        assert_eq!(free[1].local_time, "2026-11-02T09:00".parse().unwrap());
        assert_eq!(free[1].time_zone, "America/New_York");
    }

    #[test]
    fn two_slots_that_a_gap_makes_equal_are_offered_once() {
        let week = [slot(7, 2, 30), slot(7, 3, 30)];
        let free = next_free(
            &week,
            &zone("America/New_York"),
            at("2027-03-13T12:00Z"),
            &Taken::default(),
            2,
        );
        assert_eq!(free[0].publish_at, at("2027-03-14T07:30Z"));
        assert_eq!(free[1].publish_at, at("2027-03-21T06:30Z"));
    }

    #[test]
    fn taken_times_and_full_days_are_left_out() {
        let week = [slot(1, 9, 0), slot(2, 9, 0), slot(3, 9, 0)];
        let taken = Taken {
            instants: vec![at("2026-11-23T09:30Z")],
            gap: SignedDuration::from_mins(60),
            full_days: [QuotaDay::of(at("2026-11-24T09:00Z"))].into(),
        };
        let free = next_free(&week, &Zone::UTC, at("2026-11-22T12:00Z"), &taken, 1);
        assert_eq!(free[0].publish_at, at("2026-11-25T09:00Z"));
    }

    #[test]
    fn a_slot_is_read_and_written_as_people_write_it() {
        let read: WeeklySlot = serde_json::from_str(r#"{"weekday":2,"time":"18:05"}"#).unwrap();
        assert_eq!(read, slot(2, 18, 5));
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"{"weekday":2,"time":"18:05"}"#
        );
        for wrong in [
            r#"{"weekday":0,"time":"18:00"}"#,
            r#"{"weekday":8,"time":"18:00"}"#,
            r#"{"weekday":1,"time":"24:00"}"#,
            r#"{"weekday":1,"time":"9:00"}"#,
            r#"{"weekday":1,"time":"09:60"}"#,
            r#"{"weekday":1,"time":"+9:00"}"#,
            r#"{"weekday":1,"time":"09:00","zone":"UTC"}"#,
        ] {
            assert!(
                serde_json::from_str::<WeeklySlot>(wrong).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn unknown_zones_are_none() {
        for name in [
            "",
            "Mars/Olympus",
            "../etc/passwd",
            "+02:00",
            &"x".repeat(65),
        ] {
            assert!(Zone::named(name).is_none(), "{name}");
        }
    }

    fn zones() -> impl Strategy<Value = Zone> {
        prop::sample::select(vec![
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "America/St_Johns",
            "Pacific/Apia",
            "Africa/Casablanca",
        ])
        .prop_map(zone)
    }

    proptest! {
        #[test]
        fn every_local_time_has_one_instant_that_tells_it_back_or_later(
            zone in zones(), days in 0_i32..3650, minute in 0_i32..1440,
        ) {
            let local = jiff::civil::date(2020, 1, 1).at(0, 0, 0, 0)
                .checked_add(Span::new().days(days).minutes(minute)).unwrap();
            let resolved = SlotTime::of_local(local, &zone).unwrap();
            prop_assert!(resolved.local_time >= local);
            prop_assert!(resolved.local_time.duration_since(local) <= SignedDuration::from_hours(2));
        }

        #[test]
        fn free_slots_rise_are_future_and_keep_the_gap(
            zone in zones(),
            week in prop::collection::vec((1_i8..=7, 0_i8..24, 0_i8..60), 1..8),
            start in 1_700_000_000_i64..1_900_000_000,
            booked in prop::collection::vec(0_i64..1_000_000, 0..20),
            gap in 0_i64..600,
        ) {
            let week: Vec<_> = week.into_iter().map(|(day, hour, minute)| slot(day, hour, minute)).collect();
            let after = Timestamp::from_second(start).unwrap();
            let taken = Taken {
                instants: booked.iter().map(|add| Timestamp::from_second(start + add).unwrap()).collect(),
                gap: SignedDuration::from_mins(gap),
                full_days: BTreeSet::new(),
            };
            let free = next_free(&week, &zone, after, &taken, 10);
            prop_assert_eq!(free.len(), 10);
            for pair in free.windows(2) {
                prop_assert!(pair[0].publish_at < pair[1].publish_at);
            }
            for slot in &free {
                prop_assert!(slot.publish_at > after);
                for other in &taken.instants {
                    prop_assert!(slot.publish_at.duration_since(*other).abs() >= taken.gap || taken.gap.is_zero());
                }
            }
        }
    }
}
