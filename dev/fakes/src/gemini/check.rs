//! What the service refuses before it thinks: unknown fields, and fields that do not go together.

use serde_json::Value;

use super::{
    Model,
    errors::{Failure, invalid, violation},
    get,
};

/// `camelCase` to `snake_case`.
pub(super) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// `snake_case` to `camelCase`.
fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut up = false;
    for letter in name.chars() {
        if letter == '_' {
            up = true;
        } else {
            text.push(if up {
                letter.to_ascii_uppercase()
            } else {
                letter
            });
            up = false;
        }
    }
    text
}

const TOP: &[&str] = &[
    "model",
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
    "labels",
    "serviceTier",
    "store",
    "continuationToken",
];
const CONTENT: &[&str] = &["role", "parts"];
const PART: &[&str] = &[
    "text",
    "thought",
    "thoughtSignature",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "videoMetadata",
    "partMetadata",
    "mediaResolution",
];
const CONFIG: &[&str] = &[
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "candidateCount",
    "stopSequences",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseLogprobs",
    "logprobs",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "mediaResolution",
    "speechConfig",
    "imageConfig",
    "audioTranscriptionConfig",
    "enableEnhancedCivicAnswers",
    "thinkingConfig",
];
const THINKING: &[&str] = &["thinkingLevel", "thinkingBudget", "includeThoughts"];
const SAFETY: &[&str] = &["category", "threshold"];
const SCHEMA: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "anyOf",
    "propertyOrdering",
    "default",
];
const JSON_SCHEMA: &[&str] = &[
    "$id",
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "properties",
    "additionalProperties",
    "required",
    "propertyOrdering",
];

fn known(object: &Value, names: &[&str], path: &str) -> Result<(), Failure> {
    let Some(members) = object.as_object() else {
        return Err(invalid(&format!(
            "Invalid value at '{path}' (type), it must be an object."
        )));
    };
    match members
        .keys()
        .find(|key| !names.contains(&key.as_str()) && !names.contains(&camel(key).as_str()))
    {
        None => Ok(()),
        Some(key) if path.is_empty() => Err(violation(
            &format!("Invalid JSON payload received. Unknown name \"{key}\": Cannot find field."),
            "",
        )),
        Some(key) => Err(violation(
            &format!(
                "Invalid JSON payload received. Unknown name \"{key}\" at '{path}': Cannot find field."
            ),
            path,
        )),
    }
}

fn content(value: &Value, path: &str) -> Result<(), Failure> {
    known(value, CONTENT, path)?;
    let parts = value
        .get("parts")
        .and_then(Value::as_array)
        .ok_or_else(|| invalid(&format!("* {path}.parts: must not be empty.")))?;
    for (n, part) in parts.iter().enumerate() {
        known(part, PART, &format!("{path}.parts[{n}]"))?;
    }
    match value.get("role").and_then(Value::as_str) {
        None | Some("" | "user" | "model" | "system") => Ok(()),
        Some(_) => Err(invalid("Please use a valid role: user, model.")),
    }
}

pub(super) fn request(request: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
    known(request, TOP, "")?;
    let contents = request
        .get("contents")
        .and_then(Value::as_array)
        .filter(|contents| !contents.is_empty());
    let contents = contents.ok_or_else(|| {
        violation(
            "* GenerateContentRequest.contents: contents is not specified",
            "contents",
        )
    })?;
    for (n, one) in contents.iter().enumerate() {
        content(one, &format!("contents[{n}]"))?;
    }
    if let Some(system) = get(request, "systemInstruction") {
        content(system, "system_instruction")?;
    }
    let mut categories = Vec::new();
    for setting in get(request, "safetySettings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        known(setting, SAFETY, "safety_settings[0]")?;
        if categories.contains(&setting.get("category")) {
            return Err(invalid("Only one setting per safety category is allowed."));
        }
        categories.push(setting.get("category"));
    }
    match get(request, "generationConfig") {
        Some(config) => generation_config(config, model, streaming),
        None => Ok(()),
    }
}

fn generation_config(config: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
    known(config, CONFIG, "generation_config")?;
    if let Some(cap) = get(config, "maxOutputTokens") {
        let cap = cap
            .as_u64()
            .filter(|cap| *cap > 0)
            .ok_or_else(|| invalid("max_output_tokens must be positive."))?;
        let most = if streaming { 65_536 } else { 32_768 };
        if cap > most {
            return Err(invalid(&format!(
                "Unable to submit request because it has a maxOutputTokens value of {cap} but the supported range is from 1 (inclusive) to {} (exclusive).",
                most + 1
            )));
        }
    }
    if get(config, "stopSequences")
        .and_then(Value::as_array)
        .is_some_and(|stops| stops.len() > 5)
    {
        return Err(invalid("At most 5 stop sequences are allowed."));
    }
    let mime = get(config, "responseMimeType")
        .and_then(Value::as_str)
        .unwrap_or("text/plain");
    if !["text/plain", "application/json", "text/x.enum"].contains(&mime) {
        return Err(invalid(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.",
        ));
    }
    let (schema, json_schema) = (
        get(config, "responseSchema"),
        get(config, "responseJsonSchema"),
    );
    if schema.is_some() && json_schema.is_some() {
        return Err(invalid(
            "Only one of response_schema and response_json_schema may be set.",
        ));
    }
    if (schema.is_some() || json_schema.is_some()) && mime == "text/plain" {
        return Err(invalid(
            "Function calling with a response mime type: 'text/plain' is unsupported; response_schema needs 'application/json'.",
        ));
    }
    if let Some(schema) = schema {
        open_api(schema, "generation_config.response_schema", 0)?;
    }
    if let Some(schema) = json_schema {
        json(schema, "generation_config.response_json_schema", 0)?;
    }
    if let Some(thinking) = get(config, "thinkingConfig") {
        known(thinking, THINKING, "generation_config.thinking_config")?;
        let level = get(thinking, "thinkingLevel").and_then(Value::as_str);
        let budget = get(thinking, "thinkingBudget");
        if level.is_some() && budget.is_some() {
            return Err(invalid(
                "You can only set only one of thinking budget and thinking level.",
            ));
        }
        if let Some(level) = level {
            if model.budget {
                return Err(invalid("Thinking level is not supported for this model."));
            }
            if !model.levels.contains(&level.to_uppercase().as_str()) {
                return Err(invalid(&format!(
                    "Thinking level {level} is not supported for this model."
                )));
            }
        }
        if budget.is_some() && !model.budget {
            return Err(invalid("Thinking budget is not supported for this model."));
        }
    }
    Ok(())
}

fn open_api(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    known(schema, SCHEMA, path)?;
    if depth > 12 {
        return Err(invalid(
            "The specified schema produces a constraint that has too many states for serving.",
        ));
    }
    match schema.get("type") {
        Some(Value::Array(_)) => {
            let message = format!(
                "Invalid JSON payload received. Unknown name \"type\" at '{path}': Proto field is not repeating, cannot start list."
            );
            return Err(violation(&message, path));
        }
        Some(Value::String(kind))
            if [
                "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
            ]
            .contains(&kind.to_uppercase().as_str()) => {}
        Some(kind) => {
            return Err(violation(
                &format!(
                    "Invalid value at '{path}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), {kind}"
                ),
                path,
            ));
        }
        None if schema.get("anyOf").is_some() || schema.get("any_of").is_some() => {}
        None => {
            return Err(violation(
                &format!("* GenerateContentRequest.{path}.type: must be specified"),
                path,
            ));
        }
    }
    let names: Vec<&String> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    for list in ["required", "propertyOrdering"] {
        for name in get(schema, list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !names.iter().any(|known| *known == name) {
                return Err(invalid(&format!(
                    "* GenerateContentRequest.{path}.{}: property is not defined: {name}",
                    snake(list)
                )));
            }
        }
    }
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        open_api(property, &format!("{path}.properties[{name}]"), depth + 1)?;
    }
    if let Some(items) = schema.get("items") {
        open_api(items, &format!("{path}.items"), depth + 1)?;
    } else if schema
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("ARRAY"))
    {
        return Err(invalid(&format!(
            "* GenerateContentRequest.{path}.items: missing field."
        )));
    }
    for one in get(schema, "anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        open_api(one, &format!("{path}.any_of"), depth + 1)?;
    }
    Ok(())
}

fn json(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    if schema.is_boolean() || depth > 24 {
        return Ok(());
    }
    let Some(members) = schema.as_object() else {
        return Err(invalid(&format!("Invalid value at '{path}'.")));
    };
    if let Some(key) = members
        .keys()
        .find(|key| !JSON_SCHEMA.contains(&key.as_str()))
    {
        return Err(invalid(&format!(
            "The JSON schema at '{path}' has the unsupported keyword \"{key}\"."
        )));
    }
    if members.contains_key("$ref") && members.keys().any(|key| !key.starts_with('$')) {
        return Err(invalid(&format!(
            "The JSON schema at '{path}' has a $ref beside other keywords."
        )));
    }
    for list in ["properties", "$defs"] {
        for (name, one) in schema
            .get(list)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            json(one, &format!("{path}.{list}.{name}"), depth + 1)?;
        }
    }
    for one in ["items", "additionalProperties"] {
        if let Some(one) = schema.get(one) {
            json(one, path, depth + 1)?;
        }
    }
    for list in ["anyOf", "oneOf", "prefixItems"] {
        for one in schema
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            json(one, path, depth + 1)?;
        }
    }
    Ok(())
}
