//! What must hold for each operation of the OpenAPI document, also for those that come later: nothing without a token,
//! nothing malformed, nothing that the document does not name.

use reqwest::{Method, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Stack, assert_problem};

/// One operation of the document.
struct Operation {
    method: Method,
    path: String,
    has_id: bool,
    has_body: bool,
    for_users: bool,
    for_admins: bool,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

async fn operations(stack: &Stack) -> Vec<Operation> {
    let document = stack.anonymous().get("/api/openapi.json").await.ok().json;
    let mut found = Vec::new();
    for (path, verbs) in document["paths"].as_object().expect("paths") {
        for (verb, operation) in verbs.as_object().expect("operations") {
            let Ok(method) = verb.to_uppercase().parse::<Method>() else {
                continue;
            };
            let secured_by = |scheme: &str| {
                operation["security"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one.get(scheme).is_some()))
            };
            found.push(Operation {
                method,
                path: path
                    .replace("{id}", &Uuid::new_v4().to_string())
                    .replace("{kind}", "titles"),
                has_id: path.contains("{id}"),
                has_body: operation.get("requestBody").is_some(),
                for_users: secured_by("user"),
                for_admins: secured_by("admin"),
            });
        }
    }
    assert!(found.len() > 20, "the document names the operations");
    found
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let stack = Stack::from_env();
    for operation in operations(&stack)
        .await
        .into_iter()
        .filter(|operation| operation.for_users || operation.for_admins)
    {
        let answer = Answer::of(
            stack
                .anonymous()
                .request(operation.method.clone(), &operation.path)
                .json(&json!({})),
        )
        .await;
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (401, Some("token_missing")),
            "{}: {answer}",
            operation.name()
        );
        assert!(
            answer.header("www-authenticate").is_some(),
            "{}",
            operation.name()
        );
        let answer = Answer::of(
            stack
                .api(Some("no-token"))
                .request(operation.method.clone(), &operation.path)
                .json(&json!({})),
        )
        .await;
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (401, Some("token_invalid")),
            "{}: {answer}",
            operation.name()
        );
    }
}

#[tokio::test]
async fn a_malformed_body_is_refused_with_what_would_be_right() {
    let stack = Stack::from_env();
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    for operation in operations(&stack)
        .await
        .into_iter()
        .filter(|operation| operation.has_body)
    {
        // Each operation has a user of its own, so that none meets a limit.
        let user = if operation.for_admins {
            stack.sign_up_admin().await
        } else {
            stack.sign_up().await
        };
        let attempts: [(&str, &str, &[u8], u16, &str); 8] = [
            ("not JSON", "application/json", b"{", 400, "invalid_json"),
            (
                "not UTF-8",
                "application/json",
                b"{\"x\": \"\xff\"}",
                400,
                "invalid_json",
            ),
            ("nothing", "application/json", b"", 400, "invalid_json"),
            (
                "another type",
                "text/plain",
                b"{}",
                415,
                "unsupported_media_type",
            ),
            ("a list", "application/json", b"[]", 422, "invalid_body"),
            ("a number", "application/json", b"7", 422, "invalid_body"),
            (
                "an unknown field",
                "application/json",
                b"{\"no_such_field\": 1}",
                422,
                "invalid_body",
            ),
            (
                "too much",
                "application/json",
                large.as_bytes(),
                413,
                "body_too_large",
            ),
        ];
        for (what, content_type, body, status, code) in attempts {
            let request = user
                .api
                .request(operation.method.clone(), &operation.path)
                .header(header::CONTENT_TYPE, content_type);
            let answer = Answer::of(request.body(body.to_vec())).await;
            let name = operation.name();
            assert_eq!(
                (answer.status, answer.json["code"].as_str()),
                (status, Some(code)),
                "{name} with {what}: {answer}"
            );
            assert_problem(&answer, status, code);
        }
    }
}

#[tokio::test]
async fn an_unknown_query_parameter_is_named() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for operation in operations(&stack).await {
        if operation.method != Method::GET || !operation.for_users {
            continue;
        }
        let answer = user
            .api
            .get(&format!("{}?no_such_parameter=1", operation.path))
            .await;
        let name = operation.name();
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (400, Some("invalid_query")),
            "{name}: {answer}"
        );
        assert!(
            answer.to_string().contains("no_such_parameter"),
            "{name}: {answer}"
        );
    }
}

#[tokio::test]
async fn an_id_that_is_none_and_one_that_is_nobodys_are_told_apart_from_nothing_else() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for operation in operations(&stack)
        .await
        .into_iter()
        .filter(|operation| operation.has_id && !operation.has_body)
    {
        if !operation.for_users {
            continue;
        }
        let name = operation.name();
        let answer = Answer::of(user.api.request(operation.method.clone(), &operation.path)).await;
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (404, Some("not_found")),
            "{name}: {answer}"
        );
        for id in ["not-an-id", "%00", "1' or '1'='1", "..%2f..%2fetc"] {
            let path = with_id(&operation.path, id);
            let answer = Answer::of(user.api.request(operation.method.clone(), &path)).await;
            assert!(
                matches!(answer.status, 400 | 404),
                "{} {path}: {answer}",
                operation.method
            );
            assert_ne!(
                answer.json,
                Value::Null,
                "{} {path}: {answer}",
                operation.method
            );
        }
    }
}

/// The path with another id in the place of the one it has.
fn with_id(path: &str, id: &str) -> String {
    path.split('/')
        .map(|part| {
            if part.parse::<Uuid>().is_ok() {
                id
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn an_id_in_the_query_never_replaces_the_one_in_the_path() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    let answer = user.api.get(&format!("/api/channels/{a}?id={b}")).await;
    assert!(matches!(answer.status, 400 | 404), "{answer}");
    assert!(!answer.to_string().contains(&b.to_string()), "{answer}");
}
