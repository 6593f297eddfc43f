//! Counting tokens.

use serde_json::{Value, json};

use super::{
    errors,
    json::{entries, get},
};
use crate::failure::Failure;

/// About four characters to a token.
pub(super) fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// All text of a request that is billed as input.
pub(super) fn input_text(request: &Value) -> String {
    let contents = get(request, "systemInstruction")
        .into_iter()
        .chain(entries(request, "contents"));
    let parts = contents.flat_map(|content| entries(content, "parts"));
    let texts = parts.map(|part| part.get("text").and_then(Value::as_str).unwrap_or_default());
    texts.flat_map(|text| [text, "\n"]).collect()
}

pub(super) fn count_tokens(body: &[u8]) -> Result<Value, Failure> {
    let request: Value = serde_json::from_slice(body).map_err(|_| errors::not_json())?;
    let inner = get(&request, "generateContentRequest");
    if inner.is_some() == request.get("contents").is_some() {
        let message = "Exactly one of contents and generate_content_request must be set.";
        return Err(errors::invalid(message));
    }
    let total = tokens(&input_text(inner.unwrap_or(&request)));
    Ok(
        json!({"totalTokens": total, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": total}]}),
    )
}
