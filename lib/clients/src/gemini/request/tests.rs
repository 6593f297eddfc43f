use serde_json::json;

use super::*;

fn prompt() -> Prompt {
    Prompt {
        system: "Write.".to_owned(),
        turns: vec![Turn::user(["Honey.".to_owned()])],
        schema: json!({"type": "OBJECT"}),
        max_output_tokens: 4096,
        thinking: Some(ThinkingLevel::Low),
        seed: 7,
    }
}

#[test]
fn the_body_has_the_names_of_the_service_and_asks_not_to_be_stored() {
    assert_eq!(
        serde_json::to_value(prompt().body(Some(false))).unwrap(),
        json!({
            "systemInstruction": {"parts": [{"text": "Write."}]},
            "contents": [{"role": "user", "parts": [{"text": "Honey."}]}],
            "generationConfig": {
                "maxOutputTokens": 4096, "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT"}, "seed": 7,
                "thinkingConfig": {"thinkingLevel": "LOW"}
            },
            "store": false
        })
    );
}

#[test]
fn what_is_not_set_is_not_sent() {
    let mut prompt = prompt();
    prompt.thinking = None;
    let body = serde_json::to_value(prompt.body(None)).unwrap();
    assert!(body.get("store").is_none());
    assert!(body["generationConfig"].get("thinkingConfig").is_none());
    for deprecated in ["temperature", "topP", "topK"] {
        assert!(body["generationConfig"].get(deprecated).is_none());
    }
}
