use serde_json::json;

use super::*;

#[test]
fn a_difference_is_found_where_it_is() {
    let ours = json!({"a": [{"b": 2.0, "id": 1}], "c": null});
    assert_eq!(
        difference(
            &ours,
            &json!({"c": null, "a": [{"b": 2, "id": 1}]}),
            String::new()
        ),
        None
    );
    let found = |peer| difference(&ours, &peer, String::new()).unwrap();
    assert_eq!(
        found(json!({"a": [{"b": 3, "id": 1}], "c": null})),
        "/a/0/b: 2.0 and 3"
    );
    assert_eq!(
        found(json!({"a": [{"b": 2, "id": 1}]})),
        "/c is only in ours"
    );
    assert_eq!(
        found(json!({"a": [], "c": null})),
        "/a: [{\"b\":2.0,\"id\":1}] and []"
    );
}

#[test]
fn masked_fields_still_tell_null_from_a_value() {
    let (mut left, mut right) = (
        json!({"id": 1, "n": {"id": 2}}),
        json!({"id": 3, "n": {"id": null}}),
    );
    mask(&mut left, &["id"]);
    mask(&mut right, &["id"]);
    assert_eq!(
        difference(&left, &right, String::new()).unwrap(),
        "/n/id: false and true"
    );
}
