//! An incoming webhook that keeps what it is sent.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    server::{Call, Head, lock, text_answer},
    world::World,
};

/// The messages received.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slack {
    messages: Vec<Value>,
}

pub(crate) fn handle(world: &World, call: &Call) -> Response {
    if call.head.method != http::Method::POST {
        return text_answer(404, "text/plain", "not_found");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
        return text_answer(400, "text/plain", "invalid_payload");
    };
    if !body.is_object()
        || (body.get("text").is_none()
            && body.get("blocks").is_none()
            && body.get("attachments").is_none())
    {
        return text_answer(400, "text/plain", "no_text");
    }
    let message =
        json!({"at": world.clock.now().to_string(), "path": call.head.path, "body": body});
    lock(&world.slack).messages.push(message);
    text_answer(200, "text/plain", "ok")
}

pub(crate) fn state(world: &World) -> Value {
    let slack = lock(&world.slack);
    json!({"now": world.clock.now().to_string(), "count": slack.messages.len(), "messages": slack.messages})
}

pub(crate) fn control(world: &World, head: &Head, _body: &[u8]) -> Option<Result<Value, String>> {
    match (head.method.as_str(), head.path.as_str()) {
        ("DELETE", "/_control/messages") => {
            lock(&world.slack).messages.clear();
            Some(Ok(json!({})))
        }
        _ => None,
    }
}
