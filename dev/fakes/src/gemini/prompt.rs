//! What a request asks for.

use serde_json::{Value, json};

use super::check::check;
use super::errors::{invalid, refused};
use super::json::{entries, get, text};
use super::models::Model;
use super::store::Settings;
use crate::Failure;

pub(crate) struct Prompt {
    pub(crate) text: String,
    /// The form that the answer must keep to.
    pub(crate) schema: Option<Value>,
    pub(crate) mime: String,
    /// Tokens of the text and the schema.
    pub(crate) tokens: u64,
    /// Tokens that the model spends on thinking.
    pub(crate) thoughts: u64,
    /// The most tokens that thoughts and answer may have together.
    pub(crate) cap: u64,
}

impl Prompt {
    pub(crate) fn read(
        body: &[u8],
        model: &Model,
        settings: &Settings,
        streaming: bool,
    ) -> Result<Self, Failure> {
        let request: Value = serde_json::from_slice(body).map_err(|_| refused("notJson"))?;
        check(&request, model, streaming)?;
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
            cap: config["maxOutputTokens"].as_u64().unwrap_or(65_536),
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
        return u64::try_from(budget).unwrap_or(300).min(300);
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

/// About four characters to a token.
pub(crate) fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// All text of a request that is billed as input.
pub(crate) fn input_text(request: &Value) -> String {
    let system = get(request, "systemInstruction");
    let contents = system.into_iter().chain(entries(request, "contents"));
    let parts = contents.flat_map(|content| entries(content, "parts"));
    let texts = parts.map(|part| part["text"].as_str().unwrap_or_default());
    texts.flat_map(|text| [text, "\n"]).collect()
}

pub(crate) fn count_tokens(body: &[u8]) -> Result<Value, Failure> {
    let request: Value = serde_json::from_slice(body).map_err(|_| refused("notJson"))?;
    let inner = get(&request, "generateContentRequest");
    if inner.is_some() == request.get("contents").is_some() {
        let message = "Exactly one of contents and generate_content_request must be set.";
        return Err(invalid(message));
    }
    let total = tokens(&input_text(inner.unwrap_or(&request)));
    let details = json!([{"modality": "TEXT", "tokenCount": total}]);
    Ok(json!({"totalTokens": total, "promptTokensDetails": details}))
}
