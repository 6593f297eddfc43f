//! The channel's brand voice: how it speaks, kept in versions on the channel and always editable.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a channel speaks. Every field may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BrandVoice {
    /// Who watches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Who speaks: `I`, `we`, the name of a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// How: calm, playful, formal …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// Language of everything that is written, a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Phrases that belong to the channel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phrases_to_use: Vec<String>,
    /// Phrases that do not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phrases_to_avoid: Vec<String>,
    /// Habits of structure: "opens with a question".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub structure: Vec<String>,
    /// Calls to action that the channel uses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls_to_action: Vec<String>,
    /// Blocks of links that end every description, word for word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_blocks: Vec<String>,
}

impl BrandVoice {
    /// Reads what stands on the channel. Fields that this version does not know, or whose form is another one, are left
    /// out: a profile must never stop a generation.
    #[must_use]
    pub fn read(value: &serde_json::Value) -> Self {
        let text = |name: &str| {
            let text = value.get(name)?.as_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let list = |name: &str| match value.get(name) {
            Some(serde_json::Value::Array(items)) => items
                .iter()
                .filter_map(|item| item.as_str())
                .filter(|item| !item.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            Some(serde_json::Value::String(one)) if !one.trim().is_empty() => vec![one.clone()],
            _ => Vec::new(),
        };
        Self {
            audience: text("audience"),
            person: text("person"),
            register: text("register"),
            language: text("language"),
            phrases_to_use: list("phrases_to_use"),
            phrases_to_avoid: list("phrases_to_avoid"),
            structure: list("structure"),
            calls_to_action: list("calls_to_action"),
            link_blocks: list("link_blocks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_profile_of_another_form_never_stops_a_generation() {
        let voice = BrandVoice::read(&json!({
            "audience": " makers ", "register": 7, "structure": "opens with a question",
            "phrases_to_use": ["let's build", 3, " "], "mood": {}
        }));
        assert_eq!(voice.audience.as_deref(), Some("makers"));
        assert_eq!(voice.register, None);
        assert_eq!(voice.structure, ["opens with a question"]);
        assert_eq!(voice.phrases_to_use, ["let's build"]);
        assert_eq!(BrandVoice::read(&json!("x")), BrandVoice::default());
    }
}
