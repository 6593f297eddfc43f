use serde_json::{Value, json};

use super::structured;

const PROMPT: &str = "Write 5 ideas. The channel's videos:\n[0b8fbd0e-6b1f-4b8e-9d5c-0a3a0e9a7f11] title: Sourdough without a scale\n\
                      [3d8fbd0e-6b1f-4b8e-9d5c-0a3a0e9a7f22] title: A cast-iron pan for life\n";

#[test]
fn an_answer_keeps_to_the_schema_and_refers_to_what_the_prompt_names() {
    let schema = json!({"type": "OBJECT", "required": ["ideas"], "properties": {"ideas": {"type": "ARRAY", "items": {"type": "OBJECT",
        "required": ["why", "title", "inspired_by"], "properties": {"title": {"type": "STRING", "maxLength": 40}, "why": {"type": "STRING", "minLength": 200},
        "inspired_by": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 1, "maxItems": 2}}}}}});
    let text = structured(&schema, PROMPT, "seed", "application/json");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let ideas = value["ideas"].as_array().expect("a list");
    assert_eq!(ideas.len(), 5);
    assert!(
        text.find("\"why\"") < text.find("\"title\""),
        "in the order of `required`"
    );
    let mut titles: Vec<&str> = Vec::new();
    for idea in ideas {
        let title = idea["title"].as_str().expect("a title");
        assert!(
            !titles.contains(&title) && title.chars().count() <= 40,
            "{title}"
        );
        titles.push(title);
        assert!(
            idea["why"]
                .as_str()
                .is_some_and(|why| why.chars().count() >= 200)
        );
        let ids = idea["inspired_by"].as_array().expect("ids");
        assert!(
            (1..=2).contains(&ids.len())
                && ids
                    .iter()
                    .all(|id| PROMPT.contains(id.as_str().unwrap_or("?")))
        );
    }
    assert_eq!(
        text,
        structured(&schema, PROMPT, "seed", "application/json")
    );
    assert_ne!(
        text,
        structured(&schema, PROMPT, "another seed", "application/json")
    );
}

#[test]
fn enums_bounds_and_references_within_the_schema_are_kept() {
    let schema = json!({"$defs": {"n": {"type": "integer", "minimum": 7, "maximum": 9}}, "type": "object", "required": ["n", "kind", "either"],
        "properties": {"n": {"$ref": "#/$defs/n"}, "kind": {"enum": ["a", "b"]}, "either": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}}});
    let value: Value =
        serde_json::from_str(&structured(&schema, "x", "s", "application/json")).expect("JSON");
    assert!((7..=9).contains(&value["n"].as_i64().unwrap_or(0)));
    assert!(["a", "b"].contains(&value["kind"].as_str().unwrap_or("?")));
    assert!(value["either"].is_boolean());
}

#[test]
fn a_script_is_as_long_as_the_prompt_wants_it_and_shows_no_picture_twice() {
    let prompt = "Write the script of one video of about 120 seconds, which is about 300 spoken words.\n\
                  <brief>\n{\"topic\":\"pickled onions\"}\n</brief>\n<banned_topics>\n[\"butter\"]\n</banned_topics>\n\
                  <videos>\n[{\"id\":\"v1\",\"title\":\"Home-made butter\"}]\n</videos>";
    let text = |kind: &str| json!({"type": "STRING", "description": kind});
    let beat = json!({"type": "OBJECT", "required": ["heading", "spoken", "visual"],
        "properties": {"heading": text(""), "spoken": text(""), "visual": text("")}});
    let schema = json!({"type": "OBJECT", "required": ["title", "hook", "beats", "call_to_action"], "properties": {
        "title": text(""), "hook": text(""), "beats": {"type": "ARRAY", "items": beat}, "call_to_action": text("")}});
    let answer = structured(&schema, prompt, "s", "application/json");
    let value: Value = serde_json::from_str(&answer).expect("JSON");
    let beats = value["beats"].as_array().expect("beats");
    let words: usize = beats
        .iter()
        .filter_map(|beat| beat["spoken"].as_str())
        .map(|spoken| spoken.split(' ').count())
        .sum();
    assert!((250..450).contains(&words), "{words}");
    let pictures: std::collections::BTreeSet<&str> = beats
        .iter()
        .filter_map(|beat| beat["visual"].as_str())
        .collect();
    assert_eq!(pictures.len(), beats.len());
    assert!(
        answer.contains("pickled onions") && !answer.contains("butter"),
        "{answer}"
    );
}
