//! The parameters of an operation.

use serde_json::{Value, json};

use super::super::documented::Documented;
use crate::content::ContentKind;
use platform::endpoint::{Declaration, Verb};

/// Path, query and header parameters.
pub(super) fn parameters(operation: &dyn Documented) -> Vec<Value> {
    let declaration = operation.declaration();
    let path = declaration.placeholders().map(|name| {
        let schema = match name {
            "id" => json!({"type": "string", "format": "uuid"}),
            "kind" => json!({"type": "string", "enum": ContentKind::ALL}),
            _ => json!({"type": "string", "minLength": 1}),
        };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    let query = operation.parameters().into_iter();
    let query = query.map(|parameter| serde_json::to_value(parameter).unwrap_or_default());
    path.chain(query).chain(headers(declaration)).collect()
}

fn headers(declaration: &Declaration) -> Vec<Value> {
    let mut headers = Vec::new();
    if declaration.idempotent {
        headers.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Repeating the request with the same key gives the stored answer instead of a second effect. Kept for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        }));
    }
    if declaration.caching.is_some() {
        headers.push(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of an answer to the same request; 304 when it would be the same again.",
            "schema": {"type": "string"},
        }));
    }
    if declaration.editable && declaration.verb != Verb::Get {
        headers.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag of the last read; refused with 412 when the object has changed since.",
            "schema": {"type": "string", "pattern": r#"^(\*|(W/)?"[!#-~]*")$"#},
        }));
    }
    headers
}
