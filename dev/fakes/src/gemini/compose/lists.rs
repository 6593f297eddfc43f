//! How many entries a list gets, and from what they are chosen.

use serde_json::Value;

use super::{
    composer::Composer,
    ids::is_reference,
    limits::{count, is_type, variants},
};

/// What a list is to hold.
pub(super) struct ListPlan {
    /// How many entries.
    pub(super) wanted: usize,
    pub(super) min: usize,
    /// Whether the entries are texts, which are not repeated.
    pub(super) is_text: bool,
    /// JSON texts to choose from; none for made-up entries.
    pub(super) choices: Option<Vec<String>>,
}

impl Composer<'_> {
    pub(super) fn plan_list(&self, schema: &Value, name: &str) -> ListPlan {
        let name = name.to_lowercase();
        let items = schema.get("items").unwrap_or(&Value::Null);
        let is_text =
            items.get("type").is_none_or(|kind| !kind.is_string()) || is_type(items, "string");
        let refers = is_text && is_reference(&name);
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let usual = if refers {
            2
        } else if has(&["tag", "keyword"]) {
            8
        } else if has(&["beat", "scene", "line"]) {
            self.facts.beats()
        } else {
            3
        };
        let min = count(schema, "minItems").unwrap_or(0);
        let max = count(schema, "maxItems").unwrap_or(usize::MAX);
        let wanted = self
            .facts
            .entries_wanted(&name)
            .unwrap_or(usual)
            .max(min)
            .min(max);
        let choices = match variants(items) {
            // Without ids there is nothing to refer to.
            [] if refers && (min == 0 || !self.facts.ids.is_empty()) => {
                let quoted = |id: &String| Value::from(id.as_str()).to_string();
                Some(self.facts.ids.iter().map(quoted).collect())
            }
            [] => None,
            listed => Some(listed.iter().map(Value::to_string).collect()),
        };
        ListPlan {
            wanted,
            min,
            is_text,
            choices,
        }
    }
}
