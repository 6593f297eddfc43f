//! An incoming webhook that keeps what it is sent.

use axum::response::Response;
use serde_json::{Value, json};

use crate::{Call, Head, World, lock, text_response};

pub(crate) fn handle(world: &World, call: &Call) -> Response {
    if call.head.method != http::Method::POST {
        return text_response(404, "text/plain", "not_found");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
        return text_response(400, "text/plain", "invalid_payload");
    };
    if ["text", "blocks", "attachments"]
        .iter()
        .all(|name| body[name].is_null())
    {
        return text_response(400, "text/plain", "no_text");
    }
    let (at, path) = (world.clock.now().to_string(), &call.head.path);
    lock(&world.slack)
        .messages
        .push(json!({"at": at, "path": path, "body": body}));
    text_response(200, "text/plain", "ok")
}

pub(crate) fn state(world: &World) -> Value {
    let slack = lock(&world.slack);
    json!({"now": world.clock.now().to_string(), "count": slack.messages.len(), "messages": slack.messages})
}

pub(crate) fn control(world: &World, head: &Head) -> Option<Result<Value, String>> {
    if head.control_route()? != ("DELETE", "messages") {
        return None;
    }
    lock(&world.slack).messages.clear();
    Some(Ok(json!({})))
}
