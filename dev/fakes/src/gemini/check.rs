//! What the service refuses before it thinks: unknown fields, and fields that do not go together.

use serde_json::Value;

use super::errors::{invalid, violation};
use super::json::{entries, get, text};
use super::models::Model;
use super::schema::{check_json_schema, check_open_api, known};
use crate::Failure;

const REQUEST: &str = "model contents systemInstruction generationConfig safetySettings tools toolConfig cachedContent labels \
                       serviceTier store continuationToken";

pub(crate) fn check(request: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
    known(request, REQUEST, "")?;
    check_contents(request)?;
    let mut categories = Vec::new();
    for setting in entries(request, "safetySettings") {
        known(setting, "category threshold", "safety_settings[0]")?;
        if categories.contains(&setting.get("category")) {
            return Err(invalid("Only one setting per safety category is allowed."));
        }
        categories.push(setting.get("category"));
    }
    match get(request, "generationConfig") {
        Some(config) => check_config(config, model, streaming),
        None => Ok(()),
    }
}

const PART: &str = "text thought thoughtSignature inlineData fileData functionCall functionResponse executableCode \
                    codeExecutionResult videoMetadata partMetadata mediaResolution";

pub(crate) fn check_contents(request: &Value) -> Result<(), Failure> {
    let mut is_empty = true;
    for (n, content) in entries(request, "contents").enumerate() {
        check_content(content, &format!("contents[{n}]"))?;
        is_empty = false;
    }
    if is_empty {
        let message = "* GenerateContentRequest.contents: contents is not specified";
        return Err(violation(message, "contents"));
    }
    match get(request, "systemInstruction") {
        Some(system) => check_content(system, "system_instruction"),
        None => Ok(()),
    }
}

fn check_content(content: &Value, path: &str) -> Result<(), Failure> {
    known(content, "role parts", path)?;
    if !content["parts"].is_array() {
        return Err(invalid(&format!("* {path}.parts: must not be empty.")));
    }
    for (n, part) in entries(content, "parts").enumerate() {
        known(part, PART, &format!("{path}.parts[{n}]"))?;
    }
    match content["role"].as_str() {
        None | Some("" | "user" | "model" | "system") => Ok(()),
        Some(_) => Err(invalid("Please use a valid role: user, model.")),
    }
}

const CONFIG: &str = "maxOutputTokens temperature topP topK candidateCount stopSequences seed presencePenalty frequencyPenalty \
                      responseLogprobs logprobs responseMimeType responseSchema responseJsonSchema responseModalities \
                      mediaResolution speechConfig imageConfig audioTranscriptionConfig enableEnhancedCivicAnswers thinkingConfig";

pub(crate) fn check_config(config: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
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
        check_open_api(schema, "generation_config.response_schema", 0)?;
    }
    if let Some(schema) = json_schema {
        check_json_schema(schema, "generation_config.response_json_schema", 0)?;
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
        Some(_) if model.levels.is_empty() => {
            Err(invalid("Thinking level is not supported for this model."))
        }
        Some(level) if !model.levels.contains(&level.to_uppercase().as_str()) => Err(invalid(
            &format!("Thinking level {level} is not supported for this model."),
        )),
        None if has_budget && !model.levels.is_empty() => {
            Err(invalid("Thinking budget is not supported for this model."))
        }
        _ => Ok(()),
    }
}
