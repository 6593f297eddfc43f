//! The responses of an operation: the ordinary one, those beside it, and problems; with the schemas that they need.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::documented::Documented;
use platform::endpoint::{Access, BodyForm, Declaration, Kind, Limit, Schemas, Verb};

/// By status.
pub(super) fn responses(operation: &dyn Documented, schemas: &mut Map<String, Value>) -> Value {
    let declaration = operation.declaration();
    let schema = reference(operation.answer(), schemas);
    let mut responses = Map::new();
    responses.insert(
        declaration.status.to_string(),
        ordinary(declaration, schema.as_ref()),
    );
    if declaration.caching.is_some() {
        responses.insert(
            "304".into(),
            json!({"description": "What the client has is still right."}),
        );
    }
    for also in declaration.also {
        let answer = responses
            .entry(also.status.to_string())
            .or_insert_with(|| json!({"description": also.when}));
        let headers = headers(declaration, also.status);
        if !headers.is_empty() {
            answer["headers"] = headers.into();
        }
        if let Some((media_type, form)) = also.body {
            answer["content"][media_type] = match (&schema, form) {
                (Some(schema), BodyForm::Same) => json!({"schema": schema}),
                _ => json!({"schema": {"type": "string"}}),
            };
        }
    }
    problems(operation, &mut responses);
    Value::Object(responses)
}

fn ordinary(declaration: &Declaration, schema: Option<&Value>) -> Value {
    let mut ordinary = json!({"description": declaration.summary});
    let headers = headers(declaration, declaration.status);
    if !headers.is_empty() {
        ordinary["headers"] = headers.into();
    }
    if let Some(schema) = schema {
        ordinary["content"] = json!({declaration.produces: {"schema": schema}});
    } else if declaration.status == 200 {
        ordinary["content"] = json!({declaration.produces: {"schema": file(declaration.produces)}});
    }
    ordinary
}

/// A body that no type describes: text, or bytes to be kept as they are.
fn file(media_type: &str) -> Value {
    if media_type.starts_with("text/") {
        json!({"type": "string"})
    } else {
        json!({"type": "string", "format": "binary"})
    }
}

/// The headers that an answer with this status always has.
fn headers(declaration: &Declaration, status: u16) -> Map<String, Value> {
    let mut headers = Map::new();
    let mut add = |name: &str, description: &str| {
        let schema = json!({"type": "string"});
        let header = json!({"description": description, "required": true, "schema": schema});
        headers.insert(name.to_owned(), header);
    };
    let is_user = declaration.access == Access::User;
    if is_user && matches!(status, 201 | 202) {
        add("Location", "Where what was made, or what goes on, is read.");
    }
    let has_body = declaration.verb != Verb::Delete;
    if has_body && (declaration.editable || declaration.caching.is_some()) {
        let description = match declaration.editable {
            true => "Of this version and these bytes: for If-Match and If-None-Match.",
            false => "Of these bytes: for If-None-Match.",
        };
        add("ETag", description);
    }
    headers
}

fn problems(operation: &dyn Documented, responses: &mut Map<String, Value>) {
    let mut statuses: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for kind in kinds(operation) {
        let codes = statuses.entry(kind.status().as_u16()).or_default();
        codes.insert(kind.code());
    }
    for (status, codes) in statuses {
        let codes: Vec<_> = codes.into_iter().collect();
        let description = format!("Problem: {}.", codes.join(", "));
        let answer = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"description": description}));
        let examples: Map<_, _> = codes.into_iter().map(example).collect();
        answer["content"]["application/problem+json"] =
            json!({"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples});
    }
}

/// The name of a code's example, and where it stands.
fn example(code: &str) -> (String, Value) {
    let reference = json!({"$ref": format!("#/components/examples/{code}")});
    (code.to_owned(), reference)
}

/// Every problem the operation can answer with: its own and those its declaration implies.
#[must_use]
pub fn kinds(operation: &dyn Documented) -> Vec<Kind> {
    let declaration = operation.declaration();
    let mut kinds = declaration.problems.to_vec();
    kinds.extend([
        Kind::InvalidQuery,
        Kind::MethodNotAllowed,
        Kind::BodyTooLarge,
        Kind::Internal,
        Kind::DatabaseUnavailable,
        Kind::DeadlineExceeded,
    ]);
    if declaration.access != Access::Public {
        kinds.extend([Kind::TokenMissing, Kind::TokenInvalid]);
    }
    if matches!(declaration.access, Access::User | Access::Admin) {
        kinds.extend([Kind::TokenExpired, Kind::AgentRefused]);
    }
    if declaration.access == Access::Admin {
        kinds.push(Kind::AdminOnly);
    }
    if declaration.limit != Limit::None {
        kinds.push(Kind::RateLimited);
    }
    if declaration.placeholders().next().is_some() {
        kinds.extend([Kind::InvalidId, Kind::NotFound]);
    }
    if operation.body().is_some() {
        kinds.extend([
            Kind::InvalidJson,
            Kind::InvalidBody,
            Kind::UnsupportedMediaType,
        ]);
    }
    if matches!(declaration.verb, Verb::Post | Verb::Patch | Verb::Delete) {
        kinds.push(Kind::InvalidBody);
    }
    if declaration.idempotent {
        kinds.extend([
            Kind::InvalidHeader,
            Kind::IdempotencyKeyReused,
            Kind::RequestInProgress,
        ]);
    }
    if declaration.editable && declaration.verb != Verb::Get {
        kinds.extend([Kind::InvalidHeader, Kind::VersionMismatch]);
    }
    kinds
}

/// Adds schemas by name.
pub(super) fn add(schemas: &mut Map<String, Value>, new: Schemas) {
    for (name, schema) in new {
        let mut schema = serde_json::to_value(schema).unwrap_or_default();
        drop_null_defaults(&mut schema);
        schemas.insert(name, schema);
    }
}

/// Takes `"default": null` away: what is absent is absent, also where null is refused.
fn drop_null_defaults(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("default").is_some_and(Value::is_null) {
                members.remove("default");
            }
            members.values_mut().for_each(drop_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        _ => {}
    }
}

/// Adds the schemas of a type, and refers to it.
pub(super) fn reference(
    found: Option<(String, Schemas)>,
    schemas: &mut Map<String, Value>,
) -> Option<Value> {
    let (name, new) = found?;
    add(schemas, new);
    Some(json!({"$ref": format!("#/components/schemas/{name}")}))
}
