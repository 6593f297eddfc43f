//! Settings of a channel, as its owner and editors may write them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::slots::{WeeklySlot, Zone};
use platform::endpoint::schema_shapes::{Block, Entry, Topic};
use platform::endpoint::{Kind, Problem};

/// Most posting slots in a week: every hour of it.
const MAX_SLOTS: usize = 168;
/// Most entries in one of the lists.
const MAX_ENTRIES: usize = 100;
/// Longest entry, in characters.
const MAX_ENTRY: usize = 500;
/// Longest block of links, in characters.
const MAX_BLOCK: usize = 2_000;
/// Longest banned topic, in characters.
const MAX_TOPIC: usize = 100;
/// A week.
const MAX_GAP_MINUTES: i32 = 10_080;

/// Changes of a channel's settings. Fields that are absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelChanges {
    /// IANA time zone of the slots, for example `Europe/Berlin`.
    #[schema(example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// All weekly slots, in the channel's zone.
    #[schema(max_items = 168)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posting_slots: Option<Vec<WeeklySlot>>,
    /// Least minutes between two publications.
    #[schema(minimum = 0, maximum = 10080)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_gap_minutes: Option<i32>,
    /// The whole brand voice; what was written under the older one keeps its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_voice: Option<BrandVoice>,
    /// All banned topics.
    #[schema(value_type = Option<Vec<Topic>>, max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned_topics: Option<Vec<String>>,
}

/// How a channel speaks. Every field may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ChannelBrandVoice)]
pub struct BrandVoice {
    /// Who watches.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Who speaks: `I`, `we`, the name of a host.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// How: calm, playful, formal …
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// Language of everything that is written, a BCP 47 tag.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Phrases that belong to the channel.
    #[schema(value_type = Vec<Entry>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phrases_to_use: Vec<String>,
    /// Phrases that do not.
    #[schema(value_type = Vec<Entry>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phrases_to_avoid: Vec<String>,
    /// Habits of structure: "opens with a question".
    #[schema(value_type = Vec<Entry>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub structure: Vec<String>,
    /// Calls to action that the channel uses.
    #[schema(value_type = Vec<Entry>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls_to_action: Vec<String>,
    /// Blocks of links that end every description, word for word.
    #[schema(value_type = Vec<Block>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_blocks: Vec<String>,
}

impl ChannelChanges {
    /// Checks what the types do not.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with every field that is not acceptable.
    pub fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give at least one setting to change.")
                .pointer("", "must hold at least one setting"));
        }
        let mut errors = Vec::new();
        if let Some(zone) = &self.time_zone {
            check_zone(zone, &mut errors);
        }
        if let Some(slots) = &self.posting_slots {
            if slots.len() > MAX_SLOTS {
                errors.push((
                    "/posting_slots".into(),
                    format!("must hold at most {MAX_SLOTS} slots"),
                ));
            }
            for (index, slot) in slots.iter().enumerate() {
                if slots[..index].contains(slot) {
                    errors.push((
                        format!("/posting_slots/{index}"),
                        "must not be listed twice".into(),
                    ));
                }
            }
        }
        if self
            .minimum_gap_minutes
            .is_some_and(|gap| !(0..=MAX_GAP_MINUTES).contains(&gap))
        {
            errors.push((
                "/minimum_gap_minutes".into(),
                format!("must lie between 0 and {MAX_GAP_MINUTES}"),
            ));
        }
        if let Some(voice) = &self.brand_voice {
            voice.check(&mut errors);
        }
        if let Some(topics) = &self.banned_topics {
            check_list("/banned_topics", topics, MAX_TOPIC, &mut errors);
        }
        refuse(errors)
    }
}

impl BrandVoice {
    fn check(&self, errors: &mut Vec<(String, String)>) {
        for (name, text) in [
            ("audience", &self.audience),
            ("person", &self.person),
            ("register", &self.register),
            ("language", &self.language),
        ] {
            if let Some(text) = text {
                check_text(&format!("/brand_voice/{name}"), text, MAX_ENTRY, errors);
            }
        }
        for (name, list, longest) in [
            ("phrases_to_use", &self.phrases_to_use, MAX_ENTRY),
            ("phrases_to_avoid", &self.phrases_to_avoid, MAX_ENTRY),
            ("structure", &self.structure, MAX_ENTRY),
            ("calls_to_action", &self.calls_to_action, MAX_ENTRY),
            ("link_blocks", &self.link_blocks, MAX_BLOCK),
        ] {
            check_list(&format!("/brand_voice/{name}"), list, longest, errors);
        }
    }
}

/// Names the zone's rule when it is not one of IANA's.
pub(crate) fn check_zone(zone: &str, errors: &mut Vec<(String, String)>) {
    if Zone::named(zone).is_none() {
        errors.push((
            "/time_zone".into(),
            "must be the name of an IANA time zone, for example Europe/Berlin".into(),
        ));
    }
}

/// All errors in one answer, so that nobody has to try field by field.
pub(crate) fn refuse(errors: Vec<(String, String)>) -> Result<(), Problem> {
    let Some((pointer, message)) = errors.first() else {
        return Ok(());
    };
    let name = pointer.trim_start_matches('/').replace('/', ".");
    let problem = Problem::new(Kind::InvalidBody).detail(format!("{name} {message}."));
    Err(errors
        .into_iter()
        .fold(problem, |problem, (pointer, message)| {
            problem.pointer(pointer, message)
        }))
}

fn check_list(pointer: &str, list: &[String], longest: usize, errors: &mut Vec<(String, String)>) {
    if list.len() > MAX_ENTRIES {
        errors.push((
            pointer.to_owned(),
            format!("must hold at most {MAX_ENTRIES} entries"),
        ));
        return;
    }
    for (index, text) in list.iter().enumerate() {
        check_text(&format!("{pointer}/{index}"), text, longest, errors);
    }
}

fn check_text(pointer: &str, text: &str, longest: usize, errors: &mut Vec<(String, String)>) {
    let length = text.chars().count();
    if text.trim().is_empty() || length > longest {
        errors.push((
            pointer.to_owned(),
            format!("must have 1 to {longest} characters and not only blanks"),
        ));
    }
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
                .map(|error| error.pointer)
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
