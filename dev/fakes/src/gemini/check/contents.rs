//! Contents and their parts.

use serde_json::Value;

use super::known::known;
use crate::{
    failure::Failure,
    gemini::{
        errors::{invalid, violation},
        json::{entries, get},
    },
};

const PART: &str = "text thought thoughtSignature inlineData fileData functionCall functionResponse executableCode \
                    codeExecutionResult videoMetadata partMetadata mediaResolution";

pub(super) fn check(request: &Value) -> Result<(), Failure> {
    let mut is_empty = true;
    for (n, content) in entries(request, "contents").enumerate() {
        check_one(content, &format!("contents[{n}]"))?;
        is_empty = false;
    }
    if is_empty {
        let message = "* GenerateContentRequest.contents: contents is not specified";
        return Err(violation(message, "contents"));
    }
    match get(request, "systemInstruction") {
        Some(system) => check_one(system, "system_instruction"),
        None => Ok(()),
    }
}

fn check_one(content: &Value, path: &str) -> Result<(), Failure> {
    known(content, "role parts", path)?;
    if !content.get("parts").is_some_and(Value::is_array) {
        return Err(invalid(&format!("* {path}.parts: must not be empty.")));
    }
    for (n, part) in entries(content, "parts").enumerate() {
        known(part, PART, &format!("{path}.parts[{n}]"))?;
    }
    match content.get("role").and_then(Value::as_str) {
        None | Some("" | "user" | "model" | "system") => Ok(()),
        Some(_) => Err(invalid("Please use a valid role: user, model.")),
    }
}
