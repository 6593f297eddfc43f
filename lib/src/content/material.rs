//! Everything that one piece of content is written from.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::{
    brief::Brief, inspiration::Inspiration, output::Script, request::ContentKind, topics::Topics,
};
use crate::channels::BrandVoice;
use platform::db::{Db, DbError, Fetch as _};
use platform::ids::ChannelId;

/// What the model is shown, and what its answer is checked against.
#[derive(Clone, Debug)]
pub(super) struct Material {
    pub(super) kind: ContentKind,
    pub(super) brief: Brief,
    pub(super) channel: Channel,
    /// The channel's own videos to learn from.
    pub(super) inspirations: Vec<Inspiration>,
    /// What it builds on, as JSON.
    pub(super) source: Option<Value>,
    /// The source when it is a script.
    pub(super) script: Option<Script>,
    /// When only a part is written anew.
    pub(super) rewrite: Option<Rewrite>,
}

/// A part that is written anew.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) part: String,
    /// The whole output as it is.
    pub(super) whole: Value,
}

impl Material {
    /// How many items to write.
    pub(super) fn count(&self) -> usize {
        usize::try_from(self.brief.count(self.kind)).unwrap_or(usize::MAX)
    }

    /// Where the chapters of the described script start, in seconds.
    pub(super) fn chapter_starts(&self) -> Vec<u64> {
        let starts = self.script.as_ref().map(Script::chapter_starts);
        starts.unwrap_or_default()
    }
}

/// The name under which a video is shown to the model; its own ids mean nothing to it.
pub(super) fn video_label(index: usize) -> String {
    format!("v{}", index + 1)
}

#[cfg(test)]
impl Material {
    pub(super) fn example(kind: ContentKind) -> Self {
        Self {
            kind,
            brief: Brief::default(),
            channel: Channel {
                title: "Cabins".to_owned(),
                ..Channel::default()
            },
            inspirations: Vec::new(),
            source: None,
            script: None,
            rewrite: None,
        }
    }
}

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
        let columns = "title,brand_voice,brand_voice_version,banned_topics";
        let rows = db.from("channels").select(columns);
        rows.eq("id", id).one().await
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
mod tests;
