//! A publish time as requests give it: an instant, or a time on the clocks of a zone.

use jiff::{Timestamp, Unit, civil::DateTime};

use crate::slots::{SlotTime, Zone};
use platform::db::DbError;
use platform::endpoint::Problem;
use platform::field_errors::invalid;

/// A publish time as it was given, with the zone that was given beside it.
#[derive(Debug)]
pub(super) enum PublishTime {
    Instant(Timestamp, Option<Zone>),
    Local(DateTime, Option<Zone>),
}

/// What is stored. Without a zone the database tells the local time, in the channel's own zone.
#[derive(Debug)]
pub(super) struct StoredTime {
    pub(super) publish_at: Timestamp,
    pub(super) time_zone: Option<String>,
    pub(super) local_time: Option<DateTime>,
}

impl PublishTime {
    /// Reads the three fields of a request; none when neither an instant nor a local time is given.
    pub(super) fn parse(
        at: Option<Timestamp>,
        local: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Option<Self>, Problem> {
        let zone = match zone {
            Some(name) => Some(Zone::named(name).ok_or_else(|| {
                invalid(
                    "/time_zone",
                    "must be the name of an IANA time zone, for example \"Europe/Berlin\"",
                )
            })?),
            None => None,
        };
        Ok(match (at, local) {
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "/local_time",
                    "give either publish_at or local_time, not both",
                ));
            }
            // YouTube takes whole seconds.
            (Some(at), None) => Some(Self::Instant(at.round(Unit::Second).unwrap_or(at), zone)),
            (None, Some(text)) => Some(Self::Local(parse_local(text)?, zone)),
        })
    }

    /// The time to store; `home` finds the zone of a local time that was given without one.
    pub(super) async fn resolve(
        self,
        home: impl Future<Output = Result<Zone, DbError>>,
    ) -> Result<StoredTime, Problem> {
        let time = match self {
            Self::Instant(publish_at, None) => {
                return Ok(StoredTime {
                    publish_at,
                    time_zone: None,
                    local_time: None,
                });
            }
            Self::Instant(at, Some(zone)) => SlotTime::of_instant(at, &zone),
            Self::Local(local, zone) => {
                let zone = match zone {
                    Some(zone) => zone,
                    None => home.await?,
                };
                SlotTime::of_local(local, &zone).map_err(|error| {
                    invalid("/local_time", "must be a date that lies nearer").source(error)
                })?
            }
        };
        Ok(StoredTime {
            publish_at: time.publish_at,
            time_zone: Some(time.time_zone),
            local_time: Some(time.local_time),
        })
    }
}

fn parse_local(text: &str) -> Result<DateTime, Problem> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T'))
        && (16..=19).contains(&text.len());
    text.parse().ok().filter(|_| plain).ok_or_else(|| {
        invalid(
            "/local_time",
            "must be a date and a time without an offset, for example \"2026-11-24T18:00\"",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_a_local_time_and_nothing_else() {
        let at = "2026-11-24T17:00:00Z".parse().ok();
        assert!(matches!(
            PublishTime::parse(at, None, None),
            Ok(Some(PublishTime::Instant(_, None)))
        ));
        assert!(matches!(
            PublishTime::parse(None, Some("2026-11-24T18:00"), Some("Europe/Berlin")),
            Ok(Some(PublishTime::Local(..)))
        ));
        assert!(matches!(PublishTime::parse(None, None, None), Ok(None)));
        assert!(PublishTime::parse(at, Some("2026-11-24T18:00"), None).is_err());
        assert!(PublishTime::parse(at, None, Some("Mars/Olympus")).is_err());
        for wrong in [
            "2026-11-24",
            "18:00",
            "2026-11-24T18:00Z",
            "2026-11-24T18:00+01:00",
            "2026-13-24T18:00",
            "tomorrow",
        ] {
            assert!(
                PublishTime::parse(None, Some(wrong), None).is_err(),
                "{wrong}"
            );
        }
    }
}
