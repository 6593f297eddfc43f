//! What is sent: the part of `generateContent` that text generation needs.
//!
//! Unknown names are refused by the service, so everything optional is left out when it is not set.

use serde::Serialize;
use serde_json::Value;

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
    role: Role,
    parts: Vec<TextPart>,
}

impl Turn {
    /// Something we say, in as many parts as it has.
    #[must_use]
    pub fn user(parts: impl IntoIterator<Item = String>) -> Self {
        Self::new(Role::User, parts)
    }

    /// Something the model said before.
    #[must_use]
    pub fn model(text: String) -> Self {
        Self::new(Role::Model, [text])
    }

    fn new(role: Role, parts: impl IntoIterator<Item = String>) -> Self {
        Self {
            role,
            parts: parts.into_iter().map(|text| TextPart { text }).collect(),
        }
    }

    /// The length of all parts in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.text.len()).sum()
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Model,
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    system_instruction: Instruction<'a>,
    contents: &'a [Turn],
    generation_config: GenerationConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Instruction<'a> {
    parts: [BorrowedPart<'a>; 1],
}

#[derive(Debug, Serialize)]
struct BorrowedPart<'a> {
    text: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    max_output_tokens: u32,
    response_mime_type: &'static str,
    response_schema: &'a Value,
    seed: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig {
    thinking_level: ThinkingLevel,
}

impl Prompt {
    /// The body for `generateContent` and `streamGenerateContent`. `store` is what we tell the service about keeping the
    /// request: `Some(false)` unless the deployment talks to a proxy that does not know the field.
    pub(super) fn body(&self, store: Option<bool>) -> Body<'_> {
        Body {
            system_instruction: Instruction {
                parts: [BorrowedPart { text: &self.system }],
            },
            contents: &self.turns,
            generation_config: GenerationConfig {
                max_output_tokens: self.max_output_tokens,
                response_mime_type: "application/json",
                response_schema: &self.schema,
                seed: self.seed,
                thinking_config: self
                    .thinking
                    .map(|thinking_level| ThinkingConfig { thinking_level }),
            },
            store,
        }
    }

    /// A bound on the input tokens that is never too low for ordinary text: at least one token for every three bytes,
    /// where the service's rule of thumb is one for every four characters.
    #[must_use]
    pub fn estimated_input_tokens(&self) -> u64 {
        let bytes = self.system.len()
            + self.turns.iter().map(Turn::len).sum::<usize>()
            + self.schema.to_string().len();
        (bytes as u64).div_ceil(3) + 64
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CountBody<'a> {
    generate_content_request: CountRequest<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CountRequest<'a> {
    model: String,
    system_instruction: Instruction<'a>,
    contents: &'a [Turn],
}

impl Prompt {
    /// The body for `countTokens`, in the form that also counts the system instruction.
    pub(super) fn count_body(&self, model: &str) -> CountBody<'_> {
        CountBody {
            generate_content_request: CountRequest {
                model: format!("models/{model}"),
                system_instruction: Instruction {
                    parts: [BorrowedPart { text: &self.system }],
                },
                contents: &self.turns,
            },
        }
    }
}

#[cfg(test)]
mod tests;
