use super::*;

#[test]
fn only_a_written_nul_is_one() {
    for (text, nul) in [
        (r#"{"a": "\u0000"}"#, true),
        (r#"{"a": "\\u0000"}"#, false),
        (r#"{"a": "\\\u0000"}"#, true),
        (r#"{"a": "\u00001"}"#, true),
        (r#"{"a": "u0000"}"#, false),
    ] {
        assert_eq!(holds_nul(text), nul, "{text}");
    }
}

#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Thing {
    #[serde(default, deserialize_with = "crate::nullable::required")]
    kind: Option<Kinds>,
}

#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kinds {
    Script,
}

#[test]
fn a_value_of_the_wrong_type_is_no_fault_of_the_syntax() {
    let read = |body: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        let thing = Thing::read(&headers, &Bytes::from_static(body.as_bytes()));
        thing.map(|thing| thing.kind.is_some()).map_err(|problem| {
            let body = problem.into_body("r");
            let error = body.errors.into_iter().next().unwrap_or_default();
            (body.code, error.pointer.unwrap_or_default(), error.message)
        })
    };
    assert_eq!(read(r#"{"kind": "script"}"#), Ok(true));
    assert_eq!(read("{}"), Ok(false));
    let wrong = |message: &str| Err(("invalid_body", "/kind".to_owned(), message.to_owned()));
    assert_eq!(read(r#"{"kind": null}"#), wrong("must not be null"));
    assert_eq!(read(r#"{"kind": 7}"#), wrong("must be a string"));
    assert_eq!(
        read(r#"{"kind": "scripts"}"#),
        wrong("must be one of script; script comes closest")
    );
    let none = Err(("invalid_json", String::new(), String::new()));
    assert_eq!(read(r#"{"kind": nul}"#), none);
}
