//! A channel's settings, as its owner and editors may change them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::brand_voice::{BrandVoice, check_list};
use super::channel::Channel;
use crate::slots::{WeeklySlot, Zone};
use platform::db::Db;
use platform::endpoint::schema_shapes::Topic;
use platform::endpoint::{Kind, Problem};
use platform::field_errors::FieldErrors;
use platform::ids::{ChannelId, UserId};
use platform::nullable::{emptied, required};

/// Most posting slots in a week: every hour of it.
const MAX_SLOTS: usize = 168;
/// Longest banned topic, in characters.
const MAX_TOPIC: usize = 100;
/// A week.
const MAX_GAP_MINUTES: i32 = 10_080;

/// Changes of a channel's settings. A field that is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelChanges {
    /// IANA time zone of the slots, for example `Europe/Berlin`.
    #[schema(value_type = String, required = false, example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub time_zone: Option<String>,
    /// All weekly slots, in the channel's zone; null for none.
    #[schema(max_items = 168)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub posting_slots: Option<Vec<WeeklySlot>>,
    /// Least minutes between two publications.
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub minimum_gap_minutes: Option<i32>,
    /// The whole brand voice; null for one that says nothing. What was written under the older one keeps its version.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub brand_voice: Option<BrandVoice>,
    /// All banned topics; null for none.
    #[schema(value_type = Option<Vec<Topic>>, max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub banned_topics: Option<Vec<String>>,
}

impl ChannelChanges {
    /// Checks what the types do not.
    fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give at least one setting to change.")
                .pointer("", "must hold at least one setting"));
        }
        let mut errors = FieldErrors::default();
        if let Some(zone) = &self.time_zone {
            check_zone(zone, &mut errors);
        }
        if let Some(slots) = &self.posting_slots {
            check_slots(slots, &mut errors);
        }
        if self
            .minimum_gap_minutes
            .is_some_and(|gap| !(0..=MAX_GAP_MINUTES).contains(&gap))
        {
            errors.add(
                "/minimum_gap_minutes",
                format!("must lie between 0 and {MAX_GAP_MINUTES}"),
            );
        }
        if let Some(voice) = &self.brand_voice {
            voice.check(&mut errors);
        }
        if let Some(topics) = &self.banned_topics {
            check_list("/banned_topics", topics, MAX_TOPIC, &mut errors);
        }
        errors.into_result()
    }
}

fn check_slots(slots: &[WeeklySlot], errors: &mut FieldErrors) {
    if slots.len() > MAX_SLOTS {
        errors.add(
            "/posting_slots",
            format!("must hold at most {MAX_SLOTS} slots"),
        );
    }
    for (index, slot) in slots.iter().enumerate() {
        if slots[..index].contains(slot) {
            errors.add(
                format!("/posting_slots/{index}"),
                "must not be listed twice",
            );
        }
    }
}

/// Wants `/time_zone` to be one of IANA's.
pub(crate) fn check_zone(zone: &str, errors: &mut FieldErrors) {
    if Zone::named(zone).is_none() {
        errors.push(Zone::unknown(zone));
    }
}

/// Changes settings; a field that is absent stays.
///
/// # Errors
///
/// The fields that are not acceptable, a role that is too low, a version that is not the newest.
pub async fn update(
    engine: &Db,
    user: UserId,
    id: ChannelId,
    version: Option<i64>,
    changes: &ChannelChanges,
) -> Result<Channel, Problem> {
    changes.check()?;
    let arguments =
        json!({"p_user": user, "p_channel": id, "p_version": version, "p_changes": changes});
    let channel: Channel = engine.call("update_channel", &arguments).await?;
    Ok(channel.with_attention())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: serde_json::Value) -> Result<(), Vec<String>> {
        let changes: ChannelChanges = serde_json::from_value(body).unwrap();
        changes.check().map_err(|problem| {
            problem
                .into_body("r")
                .errors
                .into_iter()
                .filter_map(|error| error.pointer)
                .collect()
        })
    }

    #[test]
    fn sound_settings_pass() {
        assert_eq!(
            check(
                json!({"time_zone": "America/Argentina/Buenos_Aires", "minimum_gap_minutes": 0,
                "posting_slots": [{"weekday": 1, "time": "18:00"}, {"weekday": 7, "time": "00:00"}],
                "brand_voice": {"register": "calm", "phrases_to_use": ["let's build"]}, "banned_topics": ["politics"]})
            ),
            Ok(())
        );
        assert_eq!(check(json!({"time_zone": "UTC"})), Ok(()));
        assert_eq!(check(json!({"posting_slots": []})), Ok(()));
    }

    #[test]
    fn every_unsound_field_is_named() {
        assert_eq!(check(json!({})), Err(vec![String::new()]));
        for zone in [
            "CET",
            "+02:00",
            "Europe/Atlantis",
            "",
            "europe",
            "UTC+2",
            "GMT+3",
        ] {
            assert_eq!(
                check(json!({"time_zone": zone})),
                Err(vec!["/time_zone".into()]),
                "{zone}"
            );
        }
        assert_eq!(
            check(
                json!({"minimum_gap_minutes": -1, "banned_topics": ["ok", " "],
                "brand_voice": {"audience": "", "link_blocks": ["x".repeat(2_001)]},
                "posting_slots": [{"weekday": 1, "time": "18:00"}, {"weekday": 1, "time": "18:00"}]})
            ),
            Err([
                "/posting_slots/1",
                "/minimum_gap_minutes",
                "/brand_voice/audience",
                "/brand_voice/link_blocks/0",
                "/banned_topics/1"
            ]
            .map(String::from)
            .to_vec())
        );
    }

    #[test]
    fn only_what_is_given_is_written() {
        let changes: ChannelChanges =
            serde_json::from_value(json!({"minimum_gap_minutes": 30})).unwrap();
        assert_eq!(
            serde_json::to_value(&changes).unwrap(),
            json!({"minimum_gap_minutes": 30})
        );
        assert!(serde_json::from_value::<ChannelChanges>(json!({"title": "x"})).is_err());
        assert!(
            serde_json::from_value::<ChannelChanges>(json!({"brand_voice": {"mood": "x"}}))
                .is_err()
        );
    }
}
