use super::*;
use serde_json::json;

fn check(body: Value) -> Option<String> {
    let body: ContentChanges = serde_json::from_value(body).unwrap();
    body.check()
        .err()
        .and_then(|problem| problem.into_body("r").errors[0].pointer.clone())
}

#[test]
fn a_change_says_one_thing_and_all_of_it() {
    for (body, pointer) in [
        (json!({"rating": 5, "reason": "Good."}), None),
        (json!({"rating": null}), None),
        (
            json!({"decision": "approve", "content_hash": "h", "item": 0}),
            None,
        ),
        (json!({"decision": "reject", "reason": "No."}), None),
        (json!({"output": {}}), None),
        (json!({}), Some("")),
        (json!({"rating": 5, "decision": "approve"}), Some("")),
        (json!({"rating": 6}), Some("/rating")),
        (json!({"decision": "reject"}), Some("/reason")),
        (
            json!({"decision": "reject", "reason": " "}),
            Some("/reason"),
        ),
        (json!({"output": {}, "reason": "x"}), Some("/reason")),
        (json!({"rating": 1, "item": 0}), Some("/item")),
        (
            json!({"rating": 1, "content_hash": "h"}),
            Some("/content_hash"),
        ),
    ] {
        assert_eq!(check(body.clone()).as_deref(), pointer, "{body}");
    }
}
