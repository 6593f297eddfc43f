//! What a call came to.

use std::{env, fmt};

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// What every token, code and session address of the stand-ins begins with; no answer of ours and nothing we store holds one.
pub(crate) const SECRETS: [&str; 4] = ["fake-access.", "fake-refresh.", "fake-code.", "upload_id="];

/// Status, headers and body of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub(crate) json: Value,
}

impl Answer {
    /// Sends a request and reads the whole answer.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the call is answered");
        let ours = env::var("API_URL").is_ok_and(|url| response.url().as_str().starts_with(&url));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response
            .bytes()
            .await
            .expect("the answer is read to its end")
            .to_vec();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = Self {
            status,
            headers,
            body,
            json,
        };
        if ours {
            let text = String::from_utf8_lossy(&answer.body);
            for secret in SECRETS {
                assert!(!text.contains(secret), "a secret in an answer: {answer}");
            }
        }
        answer
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn status(self, wanted: u16) -> Self {
        assert_eq!(self.status, wanted, "{self}");
        self
    }

    /// Fails unless the call succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{self}");
        self
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A text at a JSON pointer; fails when there is none.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no text at {pointer} in {self}"))
            .to_owned()
    }

    /// A time at a JSON pointer; fails when there is none.
    #[track_caller]
    pub(crate) fn time(&self, pointer: &str) -> jiff::Timestamp {
        let text = self.text(pointer);
        text.parse()
            .unwrap_or_else(|error| panic!("{pointer} of {self}: {error}"))
    }

    /// The version that its `ETag` names.
    pub(crate) fn version(&self) -> Option<u64> {
        let tag = self.header("etag")?.strip_prefix("\"v")?;
        tag.split_once('-')?.0.parse().ok()
    }

    /// The items of a page; fails when it is none.
    #[track_caller]
    pub(crate) fn items(&self) -> &[Value] {
        let items = self.json["items"].as_array();
        items.unwrap_or_else(|| panic!("no items in {self}"))
    }

    /// The resource's id.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.text("/id")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        )
    }
}

/// Fails unless the answer is a complete problem of this kind.
#[track_caller]
pub(crate) fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (status, Some(code)),
        "{answer}"
    );
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{answer}"
    );
    assert_eq!(answer.json["status"], status, "{answer}");
    for member in ["type", "title", "detail", "request_id"] {
        assert!(
            answer.json[member]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "a problem has a {member}: {answer}"
        );
    }
    let address = answer.text("/type");
    assert!(
        (address.starts_with("http") || code == "not_configured")
            && address.ends_with(&format!("/docs/errors#{code}")),
        "its type is an address: {answer}"
    );
    let body = answer.to_string().to_lowercase();
    for leak in ["sqlstate", "pgrst", "postgres", "violates", "panicked"] {
        assert!(
            !body.contains(leak),
            "a problem does not say {leak:?}: {answer}"
        );
    }
}

/// Fails unless the answer is a problem of this kind that names this field (`/title`) or parameter (`?limit`).
#[track_caller]
pub(crate) fn assert_problem_at(answer: &Answer, status: u16, code: &str, pointer: &str) {
    assert_problem(answer, status, code);
    let points = answer.json["errors"]
        .as_array()
        .is_some_and(|errors| errors.iter().any(|error| names(error, pointer)));
    assert!(points, "the problem points at {pointer}: {answer}");
}

fn names(error: &Value, place: &str) -> bool {
    match place.strip_prefix('?') {
        Some(parameter) => error["parameter"] == parameter,
        None => error["pointer"] == place,
    }
}
