//! Answers that keep to the request's schema and sound like its prompt. The same request gives the same answer.

mod composer;
mod prompt_facts;
mod subjects;
#[cfg(test)]
mod tests;
mod values;

use serde_json::{Value, json};

use super::json::variants;
use composer::Composer;

/// An answer for a schema, as JSON text (or one plain word where an enum is asked for).
pub(crate) fn structured(schema: &Value, prompt: &str, seed: &str, mime: &str) -> String {
    if mime == "text/x.enum" {
        let first = variants(schema).first().unwrap_or(&Value::Null);
        return first
            .as_str()
            .map_or_else(|| first.to_string(), str::to_owned);
    }
    let mut out = String::new();
    Composer::new(schema, prompt, &["compose", seed]).value(schema, "", 0, 0, &mut out);
    out
}

/// JSON where JSON was asked for but no schema was given.
pub(crate) fn free_json(prompt: &str, seed: &str) -> String {
    let text = json!({"type": "STRING"});
    let schema = json!({"type": "OBJECT", "properties": {"title": text, "text": text}, "required": ["title", "text"]});
    structured(&schema, prompt, seed, "application/json")
}

/// Plain text.
pub(crate) fn prose(prompt: &str, seed: &str) -> String {
    Composer::new(&Value::Null, prompt, &["prose", seed]).paragraphs("\n\n")
}
