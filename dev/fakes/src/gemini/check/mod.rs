//! What the service refuses before it thinks: unknown fields, and fields that do not go together.

mod config;
mod contents;
mod json_schema;
mod known;
mod open_api_schema;

use serde_json::Value;

use super::{
    errors::invalid,
    json::{entries, get},
    models::Model,
};
use crate::failure::Failure;
use known::known;

const REQUEST: &str = "model contents systemInstruction generationConfig safetySettings tools toolConfig cachedContent labels \
                       serviceTier store continuationToken";

pub(super) fn request(request: &Value, model: &Model, streaming: bool) -> Result<(), Failure> {
    known(request, REQUEST, "")?;
    contents::check(request)?;
    let mut categories = Vec::new();
    for setting in entries(request, "safetySettings") {
        known(setting, "category threshold", "safety_settings[0]")?;
        if categories.contains(&setting.get("category")) {
            return Err(invalid("Only one setting per safety category is allowed."));
        }
        categories.push(setting.get("category"));
    }
    match get(request, "generationConfig") {
        Some(config) => config::check(config, model, streaming),
        None => Ok(()),
    }
}
