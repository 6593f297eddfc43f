//! What a render request must hold, and what it costs.

use serde_json::{Map, Value};

use super::{errors::refused, settings::Settings};
use crate::failure::Failure;

/// Workflows and the field of `source` that each needs.
pub(super) const WORKFLOWS: [(&str, &str); 9] = [
    ("script-to-video", "text"),
    ("prompt-to-video", "prompt"),
    ("article-to-video", "url"),
    ("avatar-to-video", "text"),
    ("ad-generator", "prompt"),
    ("music-to-video", "url"),
    ("motion-transfer", "url"),
    ("caption-video", "url"),
    ("static-background-video", "text"),
];

const FIELDS: &str = "workflow source aspectRatio webhookUrl projectId media voice captions music audio avatar options render \
                      characterIds advanced metadata";

/// Reads a request, or refuses it as the service does.
pub(super) fn read(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    let Ok(Value::Object(request)) = serde_json::from_slice::<Value>(body) else {
        return Err(refused(422, "body must be a JSON object"));
    };
    let workflow = request
        .get("workflow")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if workflow.is_empty() {
        return Err(refused(400, "workflow is required"));
    }
    let Some((_, field)) = WORKFLOWS.iter().find(|(name, _)| *name == workflow) else {
        return Err(refused(400, &format!("unknown workflow: {workflow}")));
    };
    let source = request
        .get("source")
        .and_then(|source| source.get(field)?.as_str());
    if source.is_none_or(|text| text.trim().is_empty()) {
        return Err(refused(
            422,
            &format!("source.{field} is required for {workflow}"),
        ));
    }
    let is_unknown = |key: &&String| !FIELDS.split(' ').any(|field| field == *key);
    if let Some(unknown) = request.keys().find(is_unknown) {
        return Err(refused(422, &format!("unknown field: {unknown}")));
    }
    Ok(request)
}

/// The price in credits, which depends on what is asked for.
pub(super) fn price(request: &Map<String, Value>, settings: &Settings) -> u64 {
    let at = |block: &str, field: &str| request.get(block).and_then(|block| block.get(field));
    let mut credits = settings.credits;
    if at("media", "videoModel").is_some_and(|model| model == "veo3" || model == "sora2") {
        credits += 100;
    }
    if at("render", "resolution").is_some_and(|resolution| resolution == "4k") {
        credits += 10;
    }
    credits
        * at("options", "outputCount")
            .and_then(Value::as_u64)
            .unwrap_or(1)
            .max(1)
}
