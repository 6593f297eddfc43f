//! What tests see and change at Gemini.

use serde_json::{Map, Value, json};

use super::store::Settings;
use crate::{Call, Head, World, contains, lock};

/// How many received requests are kept whole.
const KEPT_REQUESTS: usize = 1_000;

/// Keeps a request, without its key.
pub(crate) fn record(world: &World, call: &Call) {
    let headers = call.head.headers.iter().map(|(name, value)| {
        let is_secret = name == "x-goog-api-key";
        let text = value.to_str().unwrap_or_default();
        (
            name.to_string(),
            json!(if is_secret { "(not kept)" } else { text }),
        )
    });
    let headers: Map<String, Value> = headers.collect();
    let body: Value = serde_json::from_slice(&call.body)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(&call.body)));
    let mut gemini = lock(&world.gemini);
    gemini.calls += 1;
    let request = json!({"n": gemini.calls, "at": world.clock.now().to_string(), "path": call.head.path, "headers": headers, "body": body});
    gemini.requests.push_back(request);
    if gemini.requests.len() > KEPT_REQUESTS {
        gemini.requests.pop_front();
    }
    if call.head.param("key").is_some() {
        gemini.violations.push("an API key in the query".to_owned());
    }
}

pub(crate) fn state(world: &World) -> Value {
    let gemini = lock(&world.gemini);
    let total = gemini.prompt_tokens + gemini.candidates_tokens + gemini.thoughts_tokens;
    json!({
        "now": world.clock.now().to_string(), "calls": gemini.calls, "answered": gemini.answered, "by_model": gemini.by_model,
        "tokens": {"prompt": gemini.prompt_tokens, "candidates": gemini.candidates_tokens, "thoughts": gemini.thoughts_tokens, "total": total},
        "violations": gemini.violations,
    })
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    if head.control_route()? == ("GET", "requests") {
        return Some(Ok(requests(world, head)));
    }
    lock(&world.gemini)
        .knobs
        .control::<Settings>("body_contains", head, body)
}

fn requests(world: &World, head: &Head) -> Value {
    let wanted = head.param("body_contains").unwrap_or_default().as_bytes();
    let is_wanted = |request: &&Value| contains(request["body"].to_string().as_bytes(), wanted);
    let gemini = lock(&world.gemini);
    let requests: Vec<&Value> = gemini.requests.iter().filter(is_wanted).collect();
    json!({"count": requests.len(), "requests": requests})
}
