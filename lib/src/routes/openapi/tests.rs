use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::{all, declarations};
use super::*;

#[test]
fn operation_ids_and_addresses_are_unique() {
    let ids: Vec<_> = declarations().map(|d| d.id).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    let addresses: HashSet<_> = declarations().map(|d| (d.verb.as_str(), d.path)).collect();
    assert_eq!(addresses.len(), ids.len());
}

#[test]
fn an_operation_id_is_the_name_of_a_function() {
    for declaration in declarations() {
        let id = declaration.id;
        assert!(
            id.starts_with(|c: char| c.is_ascii_lowercase())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{id}"
        );
    }
}

#[test]
fn a_schemas_name_stands_for_one_schema() {
    let mut known: Map<String, Value> = Map::new();
    for operation in all() {
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
            .filter(|(parent, schema)| *parent != name && schema.to_string().contains(&reference))
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

#[test]
fn every_tag_says_what_it_is_and_is_used() {
    let document = document();
    let used: HashSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .flat_map(|operation| operation["tags"].as_array().unwrap())
        .map(|tag| tag.as_str().unwrap())
        .collect();
    assert_eq!(
        tags::TAGS
            .iter()
            .map(|(name, _)| *name)
            .collect::<HashSet<_>>(),
        used
    );
}
