//! Makes the schemas of the operations' types.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::arguments::CONFIRMATION;
use super::super::tool::Tool;
use crate::content::ContentKind;
use crate::routes::{self, Documented};
use platform::endpoint::Schemas;

pub(super) const COMPONENTS: &str = "#/components/schemas/";

/// An object of everything that the operations take. What only some of them need is not required.
pub(super) fn made(tool: &Tool) -> Map<String, Value> {
    let mut known = Map::new();
    let mut properties = Map::new();
    let mut required: Option<BTreeSet<String>> = None;
    for declaration in tool.operations {
        let all = routes::all();
        let mut operations = all
            .iter()
            .filter(|one| one.declaration().id == declaration.id);
        let operation = operations.next().expect("a documented operation");
        let needed = add(*operation, tool.id, &mut properties, &mut known);
        required = Some(match required {
            None => needed,
            Some(others) => others.intersection(&needed).cloned().collect(),
        });
    }
    if let Some((name, meaning)) = tool.switch {
        let switch = json!({"type": "boolean", "description": meaning});
        properties.insert(name.to_owned(), switch);
    }
    if tool.is_confirmed() {
        let meaning = "The `confirmation` of the first call's answer, once the user has agreed to what it says. Good for one call with \
            exactly these arguments, for ten minutes.";
        let confirmation = json!({"type": "string", "description": meaning});
        properties.insert(CONFIRMATION.to_owned(), confirmation);
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": required.unwrap_or_default(),
        "additionalProperties": false,
    });
    let definitions = definitions(&schema, &known);
    if !definitions.is_empty() {
        schema["$defs"] = Value::Object(definitions);
    }
    refer_within(&mut schema);
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// Adds what an operation takes; the names of what it needs.
fn add(
    operation: &dyn Documented,
    id: &str,
    properties: &mut Map<String, Value>,
    known: &mut Map<String, Value>,
) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for placeholder in operation.declaration().placeholders() {
        let (name, schema) = match placeholder {
            "kind" => ("kind", json!({"type": "string", "enum": ContentKind::ALL})),
            _ => (id, json!({"type": "string", "format": "uuid"})),
        };
        properties.insert(name.to_owned(), schema);
        needed.insert(name.to_owned());
    }
    for parameter in operation.parameters() {
        let parameter = serde_json::to_value(parameter).unwrap_or_default();
        let name = parameter["name"].as_str().unwrap_or_default();
        let mut schema = parameter["schema"].clone();
        if parameter["description"].is_string() {
            schema["description"] = parameter["description"].clone();
        }
        properties.insert(name.to_owned(), schema);
        if parameter["required"] == true {
            needed.insert(name.to_owned());
        }
    }
    // A query's types stand in the document by their names; those that have one are parts of the answer.
    learn(operation.answer(), known);
    if let Some(name) = learn(operation.body(), known) {
        let body = known.get(&name).cloned().unwrap_or_default();
        properties.extend(body["properties"].as_object().cloned().unwrap_or_default());
        let names = body["required"].as_array().into_iter().flatten();
        needed.extend(names.filter_map(|name| Some(name.as_str()?.to_owned())));
    }
    needed
}

fn learn(found: Option<(String, Schemas)>, known: &mut Map<String, Value>) -> Option<String> {
    let (name, schemas) = found?;
    for (name, schema) in schemas {
        known.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
    Some(name)
}

/// The schemas that a schema refers to, and those that they refer to.
fn definitions(schema: &Value, known: &Map<String, Value>) -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut open = references(schema);
    while let Some(name) = open.pop() {
        if let Some(schema) = known
            .get(&name)
            .filter(|_| !definitions.contains_key(&name))
        {
            open.extend(references(schema));
            definitions.insert(name, schema.clone());
        }
    }
    definitions
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match member {
                Value::String(target) if name == "$ref" => target
                    .strip_prefix(COMPONENTS)
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
                member => references(member),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Leads references to the schema's own definitions.
fn refer_within(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        *target = target.replace(COMPONENTS, "#/$defs/");
                    }
                    member => refer_within(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_within),
        _ => {}
    }
}
