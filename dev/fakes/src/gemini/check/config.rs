//! The generation config.

use serde_json::Value;

use super::{json_schema, known::known, open_api_schema};
use crate::{
    failure::Failure,
    gemini::{
        errors::invalid,
        json::{entries, get, text},
        models::Model,
    },
};

const CONFIG: &str = "maxOutputTokens temperature topP topK candidateCount stopSequences seed presencePenalty frequencyPenalty \
                      responseLogprobs logprobs responseMimeType responseSchema responseJsonSchema responseModalities \
                      mediaResolution speechConfig imageConfig audioTranscriptionConfig enableEnhancedCivicAnswers thinkingConfig";

pub(super) fn check(config: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
    known(config, CONFIG, "generation_config")?;
    check_cap(config, if streaming { 65_536 } else { 32_768 })?;
    if entries(config, "stopSequences").count() > 5 {
        return Err(invalid("At most 5 stop sequences are allowed."));
    }
    check_schemas(config)?;
    match get(config, "thinkingConfig") {
        Some(thinking) => check_thinking(thinking, model),
        None => Ok(()),
    }
}

fn check_cap(config: &Value, most: u64) -> Result<(), Failure> {
    let Some(cap) = get(config, "maxOutputTokens") else {
        return Ok(());
    };
    match cap.as_u64() {
        None | Some(0) => Err(invalid("max_output_tokens must be positive.")),
        Some(cap) if cap > most => Err(invalid(&format!(
            "Unable to submit request because it has a maxOutputTokens value of {cap} but the supported range is from 1 (inclusive) to {} (exclusive).",
            most + 1
        ))),
        Some(_) => Ok(()),
    }
}

fn check_schemas(config: &Value) -> Result<(), Failure> {
    let mime = text(config, "responseMimeType").unwrap_or("text/plain");
    if !["text/plain", "application/json", "text/x.enum"].contains(&mime) {
        return Err(invalid(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.",
        ));
    }
    let schema = get(config, "responseSchema");
    let json_schema = get(config, "responseJsonSchema");
    if schema.is_some() && json_schema.is_some() {
        let message = "Only one of response_schema and response_json_schema may be set.";
        return Err(invalid(message));
    }
    if schema.or(json_schema).is_some() && mime == "text/plain" {
        return Err(invalid(
            "Function calling with a response mime type: 'text/plain' is unsupported; response_schema needs 'application/json'.",
        ));
    }
    if let Some(schema) = schema {
        open_api_schema::check(schema, "generation_config.response_schema", 0)?;
    }
    if let Some(schema) = json_schema {
        json_schema::check(schema, "generation_config.response_json_schema", 0)?;
    }
    Ok(())
}

fn check_thinking(thinking: &Value, model: &Model) -> Result<(), Failure> {
    let names = "thinkingLevel thinkingBudget includeThoughts";
    known(thinking, names, "generation_config.thinking_config")?;
    let has_budget = get(thinking, "thinkingBudget").is_some();
    match text(thinking, "thinkingLevel") {
        Some(_) if has_budget => Err(invalid(
            "You can only set only one of thinking budget and thinking level.",
        )),
        Some(_) if model.budget => Err(invalid("Thinking level is not supported for this model.")),
        Some(level) if !model.levels.contains(&level.to_uppercase().as_str()) => Err(invalid(
            &format!("Thinking level {level} is not supported for this model."),
        )),
        None if has_budget && !model.budget => {
            Err(invalid("Thinking budget is not supported for this model."))
        }
        _ => Ok(()),
    }
}
