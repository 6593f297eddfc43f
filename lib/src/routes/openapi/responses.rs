//! The responses of an operation: the ordinary one, those beside it, and problems.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::documented::Documented;
use super::problems::kinds;
use super::schemas::reference;
use platform::endpoint::{BodyForm, Declaration};

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
        if let Some((media_type, form)) = also.body {
            answer["content"][media_type] = match (&schema, form) {
                (Some(schema), BodyForm::Same) => json!({"schema": schema}),
                (_, BodyForm::Any) => json!({}),
                _ => json!({"schema": {"type": "string"}}),
            };
        }
    }
    problems(operation, &mut responses);
    Value::Object(responses)
}

fn ordinary(declaration: &Declaration, schema: Option<&Value>) -> Value {
    let mut ordinary = json!({"description": declaration.summary});
    if let Some(schema) = schema {
        ordinary["content"] = json!({declaration.produces: {"schema": schema}});
    } else if declaration.status == 200 {
        ordinary["content"] = json!({declaration.produces: {}});
    }
    ordinary
}

fn problems(operation: &dyn Documented, responses: &mut Map<String, Value>) {
    let mut statuses: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for kind in kinds(operation) {
        let codes = statuses.entry(kind.status().as_u16()).or_default();
        codes.insert(kind.code());
    }
    for (status, codes) in statuses {
        let codes: Vec<_> = codes.into_iter().collect();
        let answer = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"description": format!("Problem: {}.", codes.join(", "))}));
        answer["content"]["application/problem+json"] =
            json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        if let Some(page) = operation.declaration().problem_page {
            answer["content"][page] = json!({"schema": {"type": "string"}});
        }
    }
}
