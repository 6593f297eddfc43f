//! The OpenAPI 3.1 document, made from the declarations that the functions run on.

mod responses;
mod tags;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use self::responses::{add, reference, responses};
use super::documented::Documented;
use crate::content::ContentKind;
use platform::endpoint::{Access, Declaration, Kind, Problem, ProblemBody, Schemas, Verb};

pub use responses::kinds;

/// Where the document is served: a file that the platform serves by itself, so no operation is declared for it.
pub const PATH: &str = "/api/openapi.json";

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut problem: Schemas = vec![("Problem".into(), ProblemBody::schema())];
    ProblemBody::schemas(&mut problem);
    add(&mut schemas, problem);
    let described = |operation: &&dyn Documented| !operation.declaration().described_elsewhere;
    for operation in super::all().into_iter().filter(described) {
        let declaration = operation.declaration();
        let item = paths.entry(declaration.path).or_insert_with(|| json!({}));
        let verb = declaration.verb.as_str().to_lowercase();
        item[verb] = describe(operation, &mut schemas);
    }
    paths.insert(PATH.to_owned(), itself());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Content Catalyst Engine",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Learns from a YouTube channel's own results what works, writes the next video, has it rendered, and publishes it on time, exactly once.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "examples": problems(),
            "securitySchemes": {
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of Supabase Auth."},
                "admin": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of Supabase Auth, of a user whose app_metadata.role is admin."},
                "cron": {"type": "http", "scheme": "bearer", "description": "The deployment's CRON_SECRET."},
            },
        },
    })
}

/// An example of each problem, as its declaration has it.
fn problems() -> Map<String, Value> {
    let examples = Kind::ALL.iter().map(|kind| {
        let body = Problem::new(*kind).into_body("0198c0de-5e0f-7000-8000-00000000000f");
        let example = json!({"summary": kind.title(), "value": body});
        (kind.code().to_owned(), example)
    });
    examples.collect()
}

/// What the document says of its own address.
fn itself() -> Value {
    json!({"get": {
        "operationId": "getOpenapi",
        "tags": ["openapi"],
        "summary": "This document.",
        "parameters": [],
        "responses": {"200": {"description": "This document.", "content": {"application/json": {"schema": {"type": "object", "additionalProperties": true}}}}},
        "security": [],
    }})
}

fn describe(operation: &dyn Documented, schemas: &mut Map<String, Value>) -> Value {
    let declaration = operation.declaration();
    let mut documented = json!({
        "operationId": declaration.id,
        "tags": [declaration.resource()],
        "summary": declaration.summary,
        "parameters": parameters(operation),
        "responses": responses(operation, schemas),
        "security": match declaration.access {
            Access::Public => json!([]),
            Access::User | Access::Agent => json!([{"user": []}]),
            Access::Admin => json!([{"admin": []}]),
            Access::Cron => json!([{"cron": []}]),
        },
    });
    let description = description(declaration);
    if !description.is_empty() {
        documented["description"] = description.into();
    }
    if let Some(schema) = reference(operation.body(), schemas) {
        documented["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    documented
}

/// What there is to say, and what a list is ordered by.
fn description(declaration: &Declaration) -> String {
    let order = match declaration.order {
        "" => String::new(),
        order => format!("Order: {order}"),
    };
    let parts = [declaration.description, &order];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// Path, query and header parameters.
fn parameters(operation: &dyn Documented) -> Vec<Value> {
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
