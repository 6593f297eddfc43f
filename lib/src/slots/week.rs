//! The posting slots of a week.

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IsoWeekday(i8);

impl IsoWeekday {
    /// The weekday with this ISO number, 1 (Monday) to 7 (Sunday).
    pub(crate) fn new(number: i8) -> Option<Self> {
        (1..=7).contains(&number).then_some(Self(number))
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
