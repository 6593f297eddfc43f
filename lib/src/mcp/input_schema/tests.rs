use super::super::catalogue::TOOLS;
use super::*;

#[test]
fn every_schema_is_whole() {
    for tool in &TOOLS {
        let schema = Value::Object(input_schema(tool));
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
    let required = |name: &str| {
        let tool = TOOLS.iter().find(|tool| tool.name == name).expect("a tool");
        input_schema(tool)["required"].clone()
    };
    assert_eq!(required("content"), json!([]));
    assert_eq!(required("render"), json!([]));
    assert_eq!(required("change_or_cancel"), json!(["upload_id"]));
    assert_eq!(required("insights"), json!(["channel_id"]));
    assert_eq!(required("generate"), json!(["channel_id", "kind"]));
}
