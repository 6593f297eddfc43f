//! How a channel speaks: the voice that everything is written in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use platform::endpoint::schema_shapes::{Block, Entry};
use platform::field_errors::FieldErrors;

/// Most entries in one of the lists.
const MAX_ENTRIES: usize = 100;
/// Longest entry, in characters.
const MAX_ENTRY: usize = 500;
/// Longest block of links, in characters.
const MAX_BLOCK: usize = 2_000;

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

impl BrandVoice {
    /// Checks what the types do not.
    pub(super) fn check(&self, errors: &mut FieldErrors) {
        for (name, text) in [
            ("audience", &self.audience),
            ("person", &self.person),
            ("register", &self.register),
            ("language", &self.language),
        ] {
            if let Some(text) = text {
                errors.check_text(format!("/brand_voice/{name}"), text, MAX_ENTRY);
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

/// Checks the number of entries, and each entry as a text.
pub(super) fn check_list(pointer: &str, list: &[String], longest: usize, errors: &mut FieldErrors) {
    if list.len() > MAX_ENTRIES {
        errors.add(pointer, format!("must hold at most {MAX_ENTRIES} entries"));
        return;
    }
    for (index, text) in list.iter().enumerate() {
        errors.check_text(format!("{pointer}/{index}"), text, longest);
    }
}
