//! Examples in the OpenAPI document: bodies that were really sent and answered (`tests/openapi/examples.json`, which
//! `make api-examples` records), and the problems that the tests have met.

use std::{fs, path::Path};

use platform::endpoint::Kind;
use serde_json::{Map, Value, json};

/// What was recorded: of each operation its request body and its answer.
const RECORDED: &str = "tests/openapi/examples.json";

/// Snapshots of problems, one for each code.
const PROBLEMS: &str = "tests/api/problems/snapshots";

/// Puts an example beside every schema of a body.
pub(super) fn add(root: &Path, document: &mut Value, faults: &mut Vec<String>) {
    let recorded = fs::read_to_string(root.join(RECORDED)).unwrap_or_default();
    let recorded: Map<String, Value> = serde_json::from_str(&recorded).unwrap_or_default();
    let operations = document["paths"].as_object_mut().into_iter();
    let operations = operations
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let example = recorded.get(id).cloned().unwrap_or_default();
        let missing = add_to_operation(operation, &example);
        faults.extend(missing.iter().map(|what| {
            format!(
                "{RECORDED} has no {what} of {id}; run `make api-examples`",
                id = operation["operationId"]
            )
        }));
    }
    document["components"]["examples"] = problems(root, faults);
}

/// Gives what is missing.
fn add_to_operation(operation: &mut Value, example: &Value) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json") {
        match example.get("request") {
            Some(sent) => body["example"] = sent.clone(),
            None => missing.push("request"),
        }
    }
    let responses = operation["responses"].as_object_mut().into_iter();
    let contents = responses
        .flat_map(Map::values_mut)
        .filter_map(|response| response.get_mut("content"))
        .filter_map(Value::as_object_mut)
        .flatten()
        .filter(|(media_type, _)| media_type.as_str() != "application/problem+json");
    for (media_type, content) in contents {
        match example["answers"].get(media_type) {
            Some(answer) => content["example"] = answer.clone(),
            None => missing.push("answer"),
        }
    }
    missing
}

/// One of each code, with something real where the snapshot says only what stands there.
fn problems(root: &Path, faults: &mut Vec<String>) -> Value {
    let mut examples = Map::new();
    for kind in Kind::ALL {
        let file = format!("{PROBLEMS}/{}.snap", kind.code());
        let text = fs::read_to_string(root.join(&file)).unwrap_or_default();
        let json = text.splitn(3, "---\n").nth(2).unwrap_or_default();
        let json = json
            .replace(
                "[id of the request]",
                "0198c0de-5e0f-7000-8000-00000000000f",
            )
            .replace("[deployment]", "https://app.example.com")
            .replace("[id]", "0198c0de-1d00-7000-8000-000000000001")
            .replace("[seconds]", "30")
            .replace("[time]", "2026-12-01T17:00:00Z")
            .replace("[date]", "2026-12-01");
        match serde_json::from_str::<Value>(&json) {
            Ok(snapshot) => {
                let example = json!({"summary": kind.title(), "value": snapshot["body"]});
                examples.insert(kind.code().to_owned(), example);
            }
            Err(error) => faults.push(format!("{file}: {error}")),
        }
    }
    Value::Object(examples)
}
