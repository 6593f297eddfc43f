//! What every operation of the served document says to input that is wrong. One row an operation: an operation without a
//! row fails, and so does a row without an operation.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

use crate::support::{Answer, Stack, User, assert_problem, assert_problem_at};

/// What the document cannot say about an operation.
struct Row {
    id: &'static str,
    /// A well-formed body.
    body: Option<Value>,
    /// A member of the body, and a value of the wrong type for it.
    wrong: Option<(&'static str, Value)>,
    /// A query without which it is refused.
    query: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |id| Row {
        id,
        body: None,
        wrong: None,
        query: "",
    };
    let with = |id, body: Value, member, value| Row {
        body: Some(body),
        wrong: Some((member, value)),
        ..row(id)
    };
    let some = Uuid::new_v4();
    vec![
        row("admin.metrics"),
        row("admin.failures.list"),
        with(
            "admin.failures.settle",
            json!({"id": some, "action": "retry"}),
            "action",
            json!("explode"),
        ),
        row("me.get"),
        with(
            "me.update",
            json!({"display_name": "Ada"}),
            "display_name",
            json!(7),
        ),
        row("me.erase"),
        row("me.export"),
        row("channels.list"),
        with("channels.connect", json!({}), "channel_id", json!("UC123")),
        row("channels.callback"),
        row("channels.get"),
        with(
            "channels.update",
            json!({"minimum_gap_minutes": 5}),
            "posting_slots",
            json!("Monday"),
        ),
        row("channels.disconnect"),
        row("channels.sync"),
        row("channels.insights"),
        with(
            "content.generate",
            json!({"channel_id": some, "topic": "Honey"}),
            "count",
            json!("three"),
        ),
        row("content.list"),
        row("content.get"),
        with(
            "content.change",
            json!({"rating": 5}),
            "rating",
            json!("five"),
        ),
        row("content.archive"),
        row("health.live"),
        row("health.get"),
        row("config.get"),
        row("cron.dispatch"),
        row("schedule.list"),
        with(
            "schedule.create",
            json!({
                "render_id": some, "title": "Honey", "made_for_kids": false, "altered_content": false,
                "publish_at": "2099-01-01T00:00:00Z",
            }),
            "tags",
            json!({"honey": true}),
        ),
        row("schedule.get"),
        with(
            "schedule.edit",
            json!({"title": "Honey"}),
            "publish_at",
            json!("tomorrow"),
        ),
        row("schedule.cancel"),
        Row {
            query: "channel_id=6f0d6a3e-58a3-4a6c-9b0e-2f6a1f0f7c11",
            ..row("schedule.slots")
        },
        Row {
            query: "secret=unknown",
            ..row("schedule.calendar")
        },
        row("schedule.calendar.rotate"),
        row("schedule.calendar.revoke"),
        with(
            "video.estimate",
            json!({"content_id": some}),
            "quality",
            json!("best"),
        ),
        with(
            "video.render",
            json!({"content_id": some}),
            "music",
            json!("loud"),
        ),
        row("video.list"),
        row("video.get"),
        row("video.cancel"),
        Row {
            query: "render=unknown&token=unknown",
            ..row("webhooks.revid")
        },
        row("webhooks.endpoints.list"),
        with(
            "webhooks.endpoints.create",
            json!({"url": "https://example.com/hooks"}),
            "events",
            json!("all"),
        ),
        row("webhooks.endpoints.get"),
        with(
            "webhooks.endpoints.update",
            json!({"description": "Ours"}),
            "enabled",
            json!("yes"),
        ),
        row("webhooks.endpoints.delete"),
        with(
            "webhooks.endpoints.rotate",
            json!({}),
            "end_old",
            json!("yes"),
        ),
        row("webhooks.endpoints.test"),
        row("webhooks.deliveries.list"),
        row("webhooks.deliveries.get"),
        row("webhooks.deliveries.replay"),
        row("videos.list"),
        row("videos.get"),
    ]
}

/// Calls of other services, which append parameters and bodies of their own.
const TAKE_ANYTHING: [&str; 2] = ["channels.callback", "webhooks.revid"];

/// An operation of the served document with its row.
struct Case {
    stack: Arc<Stack>,
    row: Row,
    method: Method,
    path: String,
    document: Value,
    allow: BTreeSet<String>,
    who: Option<String>,
}

async fn cases() -> Vec<Case> {
    let stack = Stack::from_env();
    let document = stack
        .anonymous()
        .get("/api/openapi.json")
        .await
        .status(200)
        .json;
    let mut rows = rows();
    let mut cases = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        // A file: no function reads what is sent to it.
        if path == catalyst::routes::openapi::PATH {
            continue;
        }
        let item = item.as_object().expect("operations");
        for (method, operation) in item {
            let id = operation["operationId"].as_str().expect("an id");
            let at = rows
                .iter()
                .position(|row| row.id == id)
                .unwrap_or_else(|| panic!("{id} has no row in tests/api/input.rs"));
            let who = operation["security"][0]
                .as_object()
                .and_then(|schemes| schemes.keys().next().cloned());
            cases.push(Case {
                stack: Arc::clone(&stack),
                row: rows.swap_remove(at),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                document: operation.clone(),
                allow: item.keys().map(|verb| verb.to_uppercase()).collect(),
                who,
            });
        }
    }
    let left: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert!(left.is_empty(), "rows without an operation: {left:?}");
    cases
}

impl Case {
    fn takes_body(&self) -> bool {
        self.document.get("requestBody").is_some()
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.document["parameters"]
            .as_array()?
            .iter()
            .find(|parameter| parameter["name"] == name && parameter["in"] != "path")
    }

    /// The address with an id of the right form, and more behind the query that it needs.
    fn address(&self, more: &str) -> String {
        self.address_of(&Uuid::new_v4().to_string(), more)
    }

    fn address_of(&self, id: &str, more: &str) -> String {
        let path = self.path.replace("{id}", id).replace("{kind}", "ideas");
        let query: Vec<_> = [self.row.query, more]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    /// A request by whoever may make it: each a user of their own, so that no limit is met.
    async fn request(&self, address: &str) -> RequestBuilder {
        let api = match self.who.as_deref() {
            None => self.stack.anonymous(),
            Some("cron") => self.stack.api(Some(&self.stack.cron_secret)),
            Some("admin") => self.stack.sign_up_admin().await.api,
            Some(_) => {
                let user: User = self.stack.sign_up().await;
                user.api
            }
        };
        api.request(self.method.clone(), address)
    }

    /// The same with its well-formed body.
    async fn sound(&self, address: &str) -> Answer {
        let request = self.request(address).await;
        Answer::of(match &self.row.body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    async fn raw(&self, content_type: &str, body: Vec<u8>) -> Answer {
        let request = self.request(&self.address("")).await;
        Answer::of(request.header("content-type", content_type).body(body)).await
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.row.body).expect("JSON")
    }
}

#[tokio::test]
async fn nobody_passes_without_a_token() {
    for case in cases().await {
        if case.who.is_none() {
            continue;
        }
        let request = || {
            let api = case.stack.anonymous();
            api.request(case.method.clone(), &case.address(""))
        };
        let none = Answer::of(request()).await;
        assert_problem(&none, 401, "token_missing");
        assert_eq!(
            none.header("www-authenticate"),
            Some("Bearer"),
            "{}",
            case.row.id
        );
        let bad = Answer::of(request().bearer_auth("abc.def.ghi")).await;
        assert_problem(&bad, 401, "token_invalid");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    for case in cases().await {
        let api = case.stack.anonymous();
        for method in [Method::PUT, Method::TRACE] {
            let answer = Answer::of(api.request(method, &case.address(""))).await;
            assert_problem(&answer, 405, "method_not_allowed");
            let allow: BTreeSet<String> = answer
                .header("allow")
                .unwrap_or_default()
                .split(", ")
                .map(str::to_owned)
                .collect();
            assert_eq!(allow, case.allow, "{}", case.row.id);
        }
    }
}

#[tokio::test]
async fn an_id_that_is_none_and_an_id_of_nothing_are_told_apart() {
    for case in cases().await {
        if case.path.contains("{id}") {
            for id in [
                "7",
                "not-an-id",
                "%00",
                "%ff%fe",
                "..%2f..%2fme",
                "6F0D6A3E58A34A6C9B0E2F6A1F0F7C11",
                "%7B6f0d6a3e-58a3-4a6c-9b0e-2f6a1f0f7c11%7D",
            ] {
                let answer = case.sound(&case.address_of(id, "")).await;
                assert_problem(&answer, 400, "invalid_id");
            }
            let answer = case.sound(&case.address("")).await;
            assert_problem(&answer, 404, "not_found");
            assert_eq!(answer.json["detail"], "No such object.", "{}", case.row.id);
        }
        if case.path.contains("{kind}") {
            let address = case.path.replace("{kind}", "poems");
            assert_problem(&case.sound(&address).await, 400, "invalid_id");
        }
    }
}

#[tokio::test]
async fn a_query_parameter_that_is_wrong_is_named() {
    for case in cases().await {
        if TAKE_ANYTHING.contains(&case.row.id) {
            continue;
        }
        let unknown = case.sound(&case.address("nothing=1")).await;
        assert_problem_at(&unknown, 400, "invalid_query", "?nothing");
        for undecodable in ["a=%ff", "a=%00"] {
            let answer = case.sound(&case.address(undecodable)).await;
            assert_problem(&answer, 400, "invalid_query");
        }
        if case.parameter("limit").is_some() {
            for wrong in [
                "0",
                "-1",
                "101",
                "1.5",
                "ten",
                "",
                "99999999999999999999999",
                "%D9%A1",
            ] {
                let answer = case.sound(&case.address(&format!("limit={wrong}"))).await;
                assert_problem_at(&answer, 400, "invalid_query", "?limit");
            }
            let twice = case.sound(&case.address("limit=1&limit=2")).await;
            assert_problem_at(&twice, 400, "invalid_query", "?limit");
        }
        if case.parameter("cursor").is_some() {
            for wrong in ["x", "!", "bnVsbA", "W10", "%22%3B--"] {
                let answer = case.sound(&case.address(&format!("cursor={wrong}"))).await;
                assert_problem_at(&answer, 400, "invalid_query", "?cursor");
            }
        }
        for name in [
            "channel_id",
            "content_id",
            "root_id",
            "state",
            "kind",
            "status",
            "from",
            "to",
            "sort",
            "label",
        ] {
            if case.parameter(name).is_some() && !case.row.query.contains(name) {
                let answer = case.sound(&case.address(&format!("{name}=~"))).await;
                assert_problem_at(&answer, 400, "invalid_query", &format!("?{name}"));
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_for_its_own_reason() {
    for case in cases().await {
        if !case.takes_body() {
            continue;
        }
        let (id, sound) = (case.row.id, case.bytes());
        let (member, value) = case
            .row
            .wrong
            .clone()
            .unwrap_or_else(|| panic!("{id} takes a body"));
        let changed = |name: &str, value: &Value| {
            let mut body = case.row.body.clone().expect("a body");
            body[name] = value.clone();
            serde_json::to_vec(&body).expect("JSON")
        };

        let unknown = case
            .raw("application/json", changed("nothing", &json!(1)))
            .await;
        assert_problem_at(&unknown, 422, "invalid_body", "/nothing");
        let wrong = case.raw("application/json", changed(member, &value)).await;
        assert_problem(&wrong, 422, "invalid_body");
        let pointer = wrong.json["errors"][0]["pointer"]
            .as_str()
            .unwrap_or_default();
        assert!(pointer.starts_with(&format!("/{member}")), "{id}: {wrong}");
        for value in [json!([]), json!("text"), json!(1), json!(true), Value::Null] {
            let bytes = serde_json::to_vec(&value).expect("JSON");
            assert_problem_at(
                &case.raw("application/json", bytes).await,
                422,
                "invalid_body",
                "",
            );
        }
        let nul = changed("notes", &json!("a\0b"));
        assert_problem(
            &case.raw("application/json", nul).await,
            422,
            "invalid_body",
        );

        let cut = sound[..sound.len() - 1].to_vec();
        let twice = [sound.as_slice(), b"{}"].concat();
        let marked = [b"\xef\xbb\xbf", sound.as_slice()].concat();
        let latin = [sound.as_slice(), b"\xff"].concat();
        for broken in [
            b"".to_vec(),
            b"{".to_vec(),
            b"{'a': 1}".to_vec(),
            b"{\"\\ud800\": 1}".to_vec(),
            b"{\"\xff\xfe\": 1}".to_vec(),
            b"honey".to_vec(),
            cut,
            twice,
            marked,
            latin,
        ] {
            assert_problem(
                &case.raw("application/json", broken).await,
                400,
                "invalid_json",
            );
        }
        let deep = "[".repeat(20_000).into_bytes();
        let deep = case.raw("application/json", deep).await;
        assert!([400, 422].contains(&deep.status), "{id}: {deep}");

        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            let answer = case.raw(content_type, sound.clone()).await;
            assert_problem(&answer, 415, "unsupported_media_type");
        }

        let mut padded = sound.clone();
        padded.resize(300 * 1024, b' ');
        assert_problem(
            &case.raw("application/json", padded).await,
            413,
            "body_too_large",
        );
    }
}

#[tokio::test]
async fn who_takes_no_body_takes_none() {
    for case in cases().await {
        if case.takes_body() || TAKE_ANYTHING.contains(&case.row.id) {
            continue;
        }
        let answer = case.raw("application/json", br#"{"a": 1}"#.to_vec()).await;
        assert_problem(&answer, 422, "invalid_body");
        let large = case.raw("application/json", vec![b' '; 8 * 1024]).await;
        assert_problem(&large, 413, "body_too_large");
    }
}

#[tokio::test]
async fn headers_that_are_wrong_are_named() {
    for case in cases().await {
        let address = case.address("");
        if case.parameter("Idempotency-Key").is_some() {
            let long = "k".repeat(256);
            for key in ["", long.as_str(), "schl\u{fc}ssel"] {
                let request = case.request(&address).await.header("idempotency-key", key);
                let body = case.row.body.clone().unwrap_or_else(|| json!({}));
                let answer = Answer::of(request.json(&body)).await;
                assert_problem(&answer, 400, "invalid_header");
            }
        }
        if case.parameter("If-Match").is_some() {
            for (tag, status, code) in [
                ("v1", 400, "invalid_header"),
                ("\"v1", 400, "invalid_header"),
                ("\"\u{fc}\"", 400, "invalid_header"),
                ("\"abc\"", 412, "version_mismatch"),
                ("\"v99999999999999999999999\"", 412, "version_mismatch"),
            ] {
                let request = case.request(&address).await.header("if-match", tag);
                let request = match &case.row.body {
                    Some(body) => request.json(body),
                    None => request,
                };
                assert_problem(&Answer::of(request).await, status, code);
            }
        }
    }
}
