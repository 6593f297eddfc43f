//! The OpenAPI 3.1 document, made from the declarations that the functions run on.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::Parameter;

use crate::content::ContentKind;
use platform::endpoint::{
    Access, Answer, BodyForm, BodyInput, Declaration, Kind, Limit, Operation, ProblemBody,
    QueryInput, Schemas, Verb,
};

/// An operation as the document sees it.
pub trait Documented: Sync {
    /// What it is.
    fn declaration(&self) -> &Declaration;
    /// Query parameters.
    fn parameters(&self) -> Vec<Parameter>;
    /// The body's schema name and all schemas it needs.
    fn body(&self) -> Option<(String, Schemas)>;
    /// The answer's schema name and all schemas it needs.
    fn answer(&self) -> Option<(String, Schemas)>;
}

impl<Q: QueryInput, B: BodyInput, A: Answer> Documented for Operation<Q, B, A> {
    fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    fn parameters(&self) -> Vec<Parameter> {
        Q::parameters()
    }

    fn body(&self) -> Option<(String, Schemas)> {
        B::schema()
    }

    fn answer(&self) -> Option<(String, Schemas)> {
        A::schema()
    }
}

/// Where the document is served: a file that the platform serves by itself, so no operation is declared for it.
pub const PATH: &str = "/api/openapi.json";

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut problem: Schemas = vec![(
        "Problem".into(),
        <ProblemBody as utoipa::PartialSchema>::schema(),
    )];
    ProblemBody::schemas(&mut problem);
    add(&mut schemas, problem);
    for operation in super::all() {
        let declaration = operation.declaration();
        let item = paths.entry(declaration.path).or_insert_with(|| json!({}));
        let verb = declaration.verb.as_str().to_lowercase();
        let documented = describe(operation, &mut schemas);
        if let Value::Object(item) = item {
            item.insert(verb, documented);
        }
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
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of Supabase Auth."},
                "admin": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of Supabase Auth, of a user whose app_metadata.role is admin."},
                "cron": {"type": "http", "scheme": "bearer", "description": "The deployment's CRON_SECRET."},
            },
        },
    })
}

/// What the document says of its own address.
fn itself() -> Value {
    json!({"get": {
        "operationId": "openapi.get",
        "tags": ["openapi"],
        "summary": "This document.",
        "parameters": [],
        "responses": {"200": {"description": "This document.", "content": {"application/json": {}}}},
        "security": [],
    }})
}

fn add(schemas: &mut Map<String, Value>, new: Schemas) {
    for (name, schema) in new {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
}

fn reference(found: Option<(String, Schemas)>, schemas: &mut Map<String, Value>) -> Option<Value> {
    let (name, new) = found?;
    add(schemas, new);
    Some(json!({"$ref": format!("#/components/schemas/{name}")}))
}

fn describe(operation: &dyn Documented, schemas: &mut Map<String, Value>) -> Value {
    let declaration = operation.declaration();
    let mut documented = json!({
        "operationId": declaration.id,
        "tags": [declaration.id.split('.').next()],
        "summary": declaration.summary,
        "parameters": parameters(operation),
        "responses": responses(operation, schemas),
        "security": match declaration.access {
            Access::Public => json!([]),
            Access::User => json!([{"user": []}]),
            Access::Admin => json!([{"admin": []}]),
            Access::Cron => json!([{"cron": []}]),
        },
    });
    if !declaration.description.is_empty() {
        documented["description"] = declaration.description.into();
    }
    if let Some(schema) = reference(operation.body(), schemas) {
        documented["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    documented
}

fn parameters(operation: &dyn Documented) -> Vec<Value> {
    let declaration = operation.declaration();
    let mut parameters: Vec<Value> = declaration
        .placeholders()
        .map(|name| {
            let schema = match name {
                "id" => json!({"type": "string", "format": "uuid"}),
                "kind" => json!({"type": "string", "enum": ContentKind::ALL}),
                _ => json!({"type": "string", "minLength": 1}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect();
    parameters.extend(
        operation
            .parameters()
            .into_iter()
            .map(|parameter| serde_json::to_value(parameter).unwrap_or_default()),
    );
    if declaration.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Repeating the request with the same key gives the stored answer instead of a second effect. Kept for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        }));
    }
    if declaration.caching.is_some() {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of an answer to the same request; 304 when it would be the same again.",
            "schema": {"type": "string"},
        }));
    }
    if declaration.editable && declaration.verb != Verb::Get {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag of the last read; refused with 412 when the object has changed since.",
            "schema": {"type": "string", "pattern": r#"^(\*|(W/)?"[!#-~]*")$"#},
        }));
    }
    parameters
}

fn responses(operation: &dyn Documented, schemas: &mut Map<String, Value>) -> Value {
    let declaration = operation.declaration();
    let mut responses = Map::new();
    let mut ordinary = json!({"description": declaration.summary});
    let schema = reference(operation.answer(), schemas);
    if let Some(schema) = &schema {
        ordinary["content"] = json!({declaration.produces: {"schema": schema}});
    } else if declaration.status == 200 {
        ordinary["content"] = json!({declaration.produces: {}});
    }
    responses.insert(declaration.status.to_string(), ordinary);
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
        if let Some((media_type, form)) = also.body {
            answer["content"][media_type] = match (&schema, form) {
                (Some(schema), BodyForm::Same) => json!({"schema": schema}),
                (_, BodyForm::Any) => json!({}),
                _ => json!({"schema": {"type": "string"}}),
            };
        }
    }
    let mut statuses: std::collections::BTreeMap<u16, BTreeSet<&'static str>> =
        std::collections::BTreeMap::new();
    for kind in kinds(operation) {
        statuses
            .entry(kind.status().as_u16())
            .or_default()
            .insert(kind.code());
    }
    for (status, codes) in statuses {
        let codes: Vec<_> = codes.into_iter().collect();
        let answer = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"description": format!("Problem: {}.", codes.join(", "))}));
        answer["content"]["application/problem+json"] =
            json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        if let Some(page) = declaration.problem_page {
            answer["content"][page] = json!({"schema": {"type": "string"}});
        }
    }
    Value::Object(responses)
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
        kinds.push(Kind::TokenExpired);
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn operation_ids_and_addresses_are_unique() {
        let ids: Vec<_> = super::super::declarations().map(|d| d.id).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        let addresses: HashSet<_> = super::super::declarations()
            .map(|d| (d.verb.as_str(), d.path))
            .collect();
        assert_eq!(addresses.len(), ids.len());
    }

    #[test]
    fn a_schemas_name_stands_for_one_schema() {
        let mut known: Map<String, Value> = Map::new();
        for operation in super::super::all() {
            for (name, schema) in [operation.body(), operation.answer()]
                .into_iter()
                .flatten()
                .flat_map(|(_, schemas)| schemas)
            {
                let schema = serde_json::to_value(schema).unwrap();
                let first = known.entry(name.clone()).or_insert(schema.clone());
                assert_eq!(*first, schema, "two schemas are called {name}");
            }
        }
    }

    #[test]
    fn scores_are_called_ours_wherever_they_are_shown() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        fn noted(name: &str, schemas: &Map<String, Value>) -> bool {
            if schemas[name]["properties"].get("notice").is_some() {
                return true;
            }
            // Or it only ever stands inside something that says so.
            let reference = format!("\"#/components/schemas/{name}\"");
            let parents: Vec<_> = schemas
                .iter()
                .filter(|(parent, schema)| {
                    *parent != name && schema.to_string().contains(&reference)
                })
                .collect();
            !parents.is_empty() && parents.iter().all(|(parent, _)| noted(parent, schemas))
        }
        let shown: Vec<_> = schemas
            .iter()
            .filter(|(_, schema)| schema["properties"].get("multiplier").is_some())
            .map(|(name, _)| name)
            .collect();
        assert!(shown.len() >= 3, "{shown:?}");
        for name in shown {
            assert!(
                noted(name, schemas),
                "{name} shows scores without saying whose they are"
            );
        }
    }

    #[test]
    fn every_reference_in_the_document_resolves() {
        let document = document();
        let text = document.to_string();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(
                document["components"]["schemas"].get(name).is_some(),
                "{name}"
            );
        }
    }
}
