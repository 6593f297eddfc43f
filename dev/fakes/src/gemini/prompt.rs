//! What a request asks for.

use serde_json::{Value, json};

use super::{
    check, errors,
    json::{get, text},
    models::Model,
    store::Settings,
    tokens::{input_text, tokens},
};
use crate::failure::Failure;

pub(super) struct Prompt {
    pub(super) text: String,
    /// The form that the answer must keep to.
    pub(super) schema: Option<Value>,
    pub(super) mime: String,
    /// Tokens of the text and the schema.
    pub(super) tokens: u64,
    /// Tokens that the model spends on thinking.
    pub(super) thoughts: u64,
    /// The most tokens that thoughts and answer may have together.
    pub(super) cap: u64,
}

impl Prompt {
    pub(super) fn read(
        body: &[u8],
        model: &Model,
        settings: &Settings,
        streaming: bool,
    ) -> Result<Self, Failure> {
        let request: Value = serde_json::from_slice(body).map_err(|_| errors::not_json())?;
        check::request(&request, model, streaming)?;
        let empty = json!({});
        let config = get(&request, "generationConfig").unwrap_or(&empty);
        let schema = get(config, "responseSchema").or_else(|| get(config, "responseJsonSchema"));
        let schema_text = schema.map(ToString::to_string).unwrap_or_default();
        let prompt = input_text(&request);
        let prompt_tokens = tokens(&prompt) + tokens(&schema_text);
        Ok(Self {
            text: prompt,
            schema: schema.cloned(),
            mime: text(config, "responseMimeType")
                .unwrap_or("text/plain")
                .to_owned(),
            tokens: prompt_tokens,
            thoughts: thoughts(config, model, settings, prompt_tokens),
            cap: get(config, "maxOutputTokens")
                .and_then(Value::as_u64)
                .unwrap_or(65_536),
        })
    }
}

/// What the model thinks before it answers, by how hard it is told to.
fn thoughts(config: &Value, model: &Model, settings: &Settings, prompt_tokens: u64) -> u64 {
    if let Some(thoughts) = settings.thoughts {
        return thoughts;
    }
    let thinking = get(config, "thinkingConfig").unwrap_or(&Value::Null);
    if let Some(budget) = get(thinking, "thinkingBudget").and_then(Value::as_i64) {
        return if budget < 0 {
            300
        } else {
            budget.min(300) as u64
        };
    }
    let is_lite = model.levels.first() == Some(&"MINIMAL") && model.id.contains("lite");
    let default = if is_lite { "MINIMAL" } else { "MEDIUM" };
    let level = text(thinking, "thinkingLevel")
        .unwrap_or(default)
        .to_uppercase();
    let base = match level.as_str() {
        "MINIMAL" => return 0,
        "LOW" => 90,
        "MEDIUM" => 320,
        "HIGH" => 900,
        _ => 1_600,
    };
    base + prompt_tokens / 20
}
