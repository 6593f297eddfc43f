//! IANA time zones, and the instants of their local times.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{Disambiguation, TimeZone},
};
use serde::Serialize;
use utoipa::ToSchema;

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
