//! The channel as content is written for it.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::topics::Topics;
use crate::channels::BrandVoice;
use platform::db::{Db, DbError, Fetch as _};
use platform::ids::ChannelId;

/// What a channel brings to its content.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Channel {
    pub(super) title: String,
    #[serde(deserialize_with = "tolerant")]
    pub(super) brand_voice: BrandVoice,
    pub(super) brand_voice_version: i32,
    pub(super) banned_topics: Vec<String>,
}

impl Channel {
    /// Reads the channel; row level security decides.
    pub(super) async fn read(db: &Db, id: ChannelId) -> Result<Self, DbError> {
        db.from("channels")
            .select("title,brand_voice,brand_voice_version,banned_topics")
            .eq("id", id)
            .one()
            .await
    }

    /// What must not be written about here.
    pub(super) fn topics(&self) -> Topics {
        Topics::new(&self.banned_topics)
    }
}

/// A stored brand voice. Fields that this version does not know, or cannot read, are left out: a profile must never stop
/// a generation.
pub(crate) fn tolerant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BrandVoice, D::Error> {
    let mut fields = match Value::deserialize(deserializer)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.retain(|name, value| {
        serde_json::from_value::<BrandVoice>(json!({ (name.as_str()): value })).is_ok()
    });
    Ok(serde_json::from_value(Value::Object(fields)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_of_another_form_never_stops_a_generation() {
        let channel = |voice: Value| {
            let row = json!({"title": "t", "brand_voice": voice, "brand_voice_version": 1, "banned_topics": []});
            serde_json::from_value::<Channel>(row).unwrap().brand_voice
        };
        let voice = channel(json!({
            "audience": "makers", "register": 7, "phrases_to_use": ["let's build"], "mood": {}
        }));
        assert_eq!(voice.audience.as_deref(), Some("makers"));
        assert_eq!(voice.register, None);
        assert_eq!(voice.phrases_to_use, ["let's build"]);
        assert_eq!(channel(json!("x")), BrandVoice::default());
    }
}
