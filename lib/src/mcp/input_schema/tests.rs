use std::fmt::Write as _;

use serde_json::json;

use super::super::arguments::CONFIRMATION;
use super::super::catalogue::TOOLS;
use super::made::{COMPONENTS, made};
use super::*;

#[test]
fn the_committed_schemas_are_those_of_the_operations() {
    let mut lines = String::from("{\n");
    for (place, tool) in TOOLS.iter().enumerate() {
        let comma = if place + 1 < TOOLS.len() { "," } else { "" };
        let schema = Value::Object(made(tool));
        writeln!(lines, "{}: {schema}{comma}", json!(tool.name)).expect("a text");
    }
    lines.push_str("}\n");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/mcp/input_schema/schemas.json"
        );
        std::fs::write(file, &lines).expect("the file is written");
        return;
    }
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert!(
        read(&lines) == read(SCHEMAS),
        "`make snapshots` writes schemas.json anew:\n{lines}"
    );
}

#[test]
fn every_schema_is_whole() {
    for tool in &TOOLS {
        let schema = Value::Object(input_schema(tool.name));
        let text = schema.to_string();
        assert!(!text.contains(COMPONENTS), "{}: {text}", tool.name);
        for part in text.split("\"#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(
                schema["$defs"][name].is_object(),
                "{}: {name} is not defined",
                tool.name
            );
        }
        let required = schema["required"].as_array().expect("a list");
        for name in required.iter().filter_map(Value::as_str) {
            assert!(
                schema["properties"][name].is_object(),
                "{}: {name}",
                tool.name
            );
        }
        assert_eq!(
            schema["properties"][CONFIRMATION].is_object(),
            tool.is_confirmed(),
            "{}",
            tool.name
        );
    }
}

#[test]
fn what_only_one_of_two_operations_needs_is_not_required() {
    let required = |name: &str| input_schema(name)["required"].clone();
    assert_eq!(required("content"), json!([]));
    assert_eq!(required("render"), json!([]));
    assert_eq!(required("change_or_cancel"), json!(["upload_id"]));
    assert_eq!(required("insights"), json!(["channel_id"]));
    assert_eq!(required("generate"), json!(["channel_id", "kind"]));
}
