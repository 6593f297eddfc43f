//! A publish time as requests give it: an instant, or a time on the clocks of a zone.

use jiff::{Timestamp, Unit, civil::DateTime};
use serde_json::{Value, json};

use crate::slots::{SlotTime, Zone};
use platform::{
    db::DbError, endpoint::Problem, field_errors::invalid, field_errors::invalid_field,
};

/// What is stored of a publish time. Without a zone the database tells the local time, in the channel's own zone.
#[derive(Debug)]
pub(super) struct PublishTime {
    pub(super) publish_at: Timestamp,
    time_zone: Option<String>,
    local_time: Option<DateTime>,
}

impl PublishTime {
    /// Reads the three fields of a request; none when neither an instant nor a local time is given. `home` finds the zone
    /// of a local time that was given without one.
    pub(super) async fn read(
        at: Option<Timestamp>,
        local: Option<&str>,
        zone: Option<&str>,
        home: impl Future<Output = Result<Zone, DbError>>,
    ) -> Result<Option<Self>, Problem> {
        let zone = zone.map(named_zone).transpose()?;
        let time = match (at, local) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "/local_time",
                    "give either publish_at or local_time, not both",
                ));
            }
            (Some(at), None) => {
                // YouTube takes whole seconds.
                let publish_at = at.round(Unit::Second).unwrap_or(at);
                let Some(zone) = zone else {
                    return Ok(Some(Self {
                        publish_at,
                        time_zone: None,
                        local_time: None,
                    }));
                };
                SlotTime::of_instant(publish_at, &zone)
            }
            (None, Some(text)) => {
                let local = parse_local(text)?;
                let zone = match zone {
                    Some(zone) => zone,
                    None => home.await?,
                };
                SlotTime::of_local(local, &zone).map_err(|error| {
                    invalid("/local_time", "must be a date that lies nearer").source(error)
                })?
            }
        };
        Ok(Some(Self {
            publish_at: time.publish_at,
            time_zone: Some(time.time_zone),
            local_time: Some(time.local_time),
        }))
    }

    /// Puts it among the fields of an upload.
    pub(super) fn write_to(&self, upload: &mut Value) {
        upload["publish_at"] = json!(self.publish_at);
        upload["time_zone"] = json!(self.time_zone);
        upload["local_time"] = json!(self.local_time);
    }
}

fn named_zone(name: &str) -> Result<Zone, Problem> {
    Zone::named(name).ok_or_else(|| invalid_field(Zone::unknown(name)))
}

fn parse_local(text: &str) -> Result<DateTime, Problem> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T'))
        && (16..=19).contains(&text.len());
    let rule = "must be a date and a time without an offset, for example \"2026-11-24T18:00\"";
    text.parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| invalid("/local_time", rule))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn read(
        at: Option<Timestamp>,
        local: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Option<PublishTime>, Problem> {
        let home = async { Ok(Zone::stored("UTC")) };
        PublishTime::read(at, local, zone, home)
            .now_or_never()
            .unwrap()
    }

    #[test]
    fn a_time_is_an_instant_or_a_local_time_and_nothing_else() {
        let at: Option<Timestamp> = "2026-11-24T17:00:00Z".parse().ok();
        let instant = read(at, None, None).unwrap().unwrap();
        assert_eq!((Some(instant.publish_at), instant.local_time), (at, None));
        let local = Some("2026-11-24T18:00");
        let berlin = read(None, local, Some("Europe/Berlin")).unwrap().unwrap();
        assert_eq!(Some(berlin.publish_at), at);
        assert_eq!(berlin.time_zone.as_deref(), Some("Europe/Berlin"));
        assert!(read(None, local, None).unwrap().is_some());
        assert!(read(None, None, None).unwrap().is_none());
        assert!(read(at, local, None).is_err());
        assert!(read(at, None, Some("Mars/Olympus")).is_err());
        for wrong in [
            "2026-11-24",
            "18:00",
            "2026-11-24T18:00Z",
            "2026-11-24T18:00+01:00",
            "2026-13-24T18:00",
            "tomorrow",
        ] {
            assert!(read(None, Some(wrong), None).is_err(), "{wrong}");
        }
    }
}
