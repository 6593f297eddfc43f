//! Requests that are refused for a field. `tests/api/input` has what holds for every operation.

use serde_json::{Value, json};

use crate::support::{SeededChannel, assert_problem, assert_problem_at};

#[tokio::test]
async fn a_brief_that_is_wrong_is_refused_with_its_field() {
    let seeded = SeededChannel::with_catalogue().await;
    for (kind, body, pointer) in [
        ("titles", json!({}), "/topic"),
        ("script", json!({"topic": " "}), "/topic"),
        ("description", json!({"topic": "x"}), "/source_id"),
        ("ideas", json!({"topic": "x".repeat(301)}), "/topic"),
        ("ideas", json!({"language": "in English"}), "/language"),
        ("titles", json!({"topic": "x", "count": 1}), "/count"),
        (
            "script",
            json!({"topic": "x", "form": "short", "target_seconds": 200}),
            "/target_seconds",
        ),
        ("script", json!({"topic": "x", "part": "hook"}), "/part"),
    ] {
        let problem = seeded.generate(kind, body).await;
        assert_problem_at(&problem, 422, "invalid_body", pointer);
    }
    assert_eq!(seeded.usage("generations"), 0);
}

#[tokio::test]
async fn a_change_that_is_wrong_is_refused_with_its_field() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let with = |field: &str, value: Value| {
        let mut output = script.json["output"].clone();
        output[field] = value;
        json!({"output": output})
    };
    for (body, pointer) in [
        (json!({}), ""),
        (json!({"rating": 9}), "/rating"),
        (json!({"decision": "reject"}), "/reason"),
        (json!({"decision": "approve", "item": 3}), "/item"),
        (with("title", json!("x".repeat(101))), "/output/title"),
        (with("title", json!("a <b>")), "/output/title"),
        (with("beats", json!([])), "/output/beats"),
        (
            with("beats", json!([{"heading": 1}])),
            "/output/beats/0/heading",
        ),
        (json!({"output": script.json["output"]}), "/output"),
    ] {
        let problem = seeded.change(&script, body).await;
        assert_problem_at(&problem, 422, "invalid_body", pointer);
    }
    for body in [json!({"decision": "maybe"}), with("mood", json!("x"))] {
        let problem = seeded.change(&script, body).await;
        assert_problem(&problem, 422, "invalid_body");
    }
}
