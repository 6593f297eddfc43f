//! What is sent: the part of `generateContent` that text generation needs.
//!
//! Unknown names are refused by the service, so everything optional is left out when it is not set.

use serde::Serialize;
use serde_json::{Value, json};

/// One request for text that follows a schema.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The standing instruction: the only text that may tell the model what to do.
    pub system: String,
    /// The turns so far, oldest first; the last one is the user's.
    pub turns: Vec<Turn>,
    /// The form of the answer, in the OpenAPI subset of `responseSchema` (see [`super::schema`]).
    pub schema: Value,
    /// The cap on thinking plus visible answer.
    pub max_output_tokens: u32,
    /// How long the model may think; left out for models whose levels are not known.
    pub thinking: Option<ThinkingLevel>,
    /// Recorded so that a generation can be repeated as far as the service allows.
    pub seed: i32,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    role: &'static str,
    parts: Vec<TextPart>,
}

impl Turn {
    /// Something we say, in as many parts as it has.
    pub fn user(parts: impl IntoIterator<Item = String>) -> Self {
        Self::new("user", parts)
    }

    /// Something the model said before.
    pub fn model(text: String) -> Self {
        Self::new("model", [text])
    }

    fn new(role: &'static str, parts: impl IntoIterator<Item = String>) -> Self {
        Self {
            role,
            parts: parts.into_iter().map(|text| TextPart { text }).collect(),
        }
    }

    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.text.len()).sum()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TextPart {
    text: String,
}

/// How much the model thinks before it answers. Which levels exist differs by model, see
/// [`super::models::supported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ThinkingLevel {
    /// As little as possible.
    Minimal,
    /// A little: enough for short, shaped text.
    Low,
    /// The usual default of the service.
    Medium,
    /// A lot.
    High,
    /// Only on the largest models.
    XHigh,
}

impl Prompt {
    /// The body for `generateContent` and `streamGenerateContent`. `store` is what we tell the service about keeping the
    /// request: `Some(false)` unless the deployment talks to a proxy that does not know the field.
    pub(super) fn body(&self, store: Option<bool>) -> Value {
        let mut body = json!({
            "systemInstruction": { "parts": [{ "text": self.system }] },
            "contents": self.turns,
            "generationConfig": {
                "maxOutputTokens": self.max_output_tokens,
                "responseMimeType": "application/json",
                "responseSchema": self.schema,
                "seed": self.seed,
            },
        });
        if let Some(level) = self.thinking {
            body["generationConfig"]["thinkingConfig"] = json!({ "thinkingLevel": level });
        }
        if let Some(store) = store {
            body["store"] = store.into();
        }
        body
    }

    /// A bound on the input tokens that is never too low for ordinary text: at least one token for every three bytes,
    /// where the service's rule of thumb is one for every four characters.
    pub fn estimated_input_tokens(&self) -> u64 {
        let bytes = self.system.len()
            + self.turns.iter().map(Turn::bytes).sum::<usize>()
            + self.schema.to_string().len();
        (bytes as u64).div_ceil(3) + 64
    }
}

#[cfg(test)]
mod tests;
