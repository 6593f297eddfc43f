//! One row for every operation of the served document, and the requests that are made of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Stack, User};

/// What the document cannot say about an operation.
pub(super) struct Row {
    pub(super) id: &'static str,
    /// A well-formed body.
    pub(super) body: Option<Value>,
    /// A member of the body, and a value of the wrong type for it.
    pub(super) wrong: Option<(&'static str, Value)>,
    /// A query without which it is refused.
    pub(super) query: &'static str,
}

pub(super) fn rows() -> Vec<Row> {
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
        row("getMetrics"),
        row("listFailures"),
        with(
            "resolveFailure",
            json!({"id": some, "action": "retry"}),
            "action",
            json!("explode"),
        ),
        row("getMe"),
        with(
            "updateMe",
            json!({"display_name": "Ada"}),
            "display_name",
            json!(7),
        ),
        row("deleteMe"),
        row("exportMe"),
        row("listAgents"),
        row("getAgent"),
        with(
            "updateAgent",
            json!({"may_spend": false}),
            "daily_credits",
            json!("all"),
        ),
        row("listChannels"),
        with("connectChannel", json!({}), "channel_id", json!("UC123")),
        row("receiveConsent"),
        with(
            "finishConnection",
            json!({"state": "unknown", "code": "unknown"}),
            "state",
            json!(7),
        ),
        row("getChannel"),
        with(
            "updateChannel",
            json!({"minimum_gap_minutes": 5}),
            "posting_slots",
            json!("Monday"),
        ),
        row("deleteChannel"),
        row("syncChannel"),
        row("getInsights"),
        row("listBrandVoices"),
        with(
            "generateContent",
            json!({"channel_id": some, "topic": "Honey"}),
            "count",
            json!("three"),
        ),
        with(
            "generateContentStream",
            json!({"channel_id": some, "topic": "Honey"}),
            "count",
            json!("three"),
        ),
        row("listContent"),
        row("getContent"),
        row("getContentDiff"),
        with(
            "updateContent",
            json!({"rating": 5}),
            "rating",
            json!("five"),
        ),
        row("archiveContent"),
        row("getLiveness"),
        row("getHealth"),
        row("getConfig"),
        row("dispatchSteps"),
        row("listUploads"),
        with(
            "scheduleUpload",
            json!({
                "render_id": some, "title": "Honey", "made_for_kids": false, "altered_content": false,
                "publish_at": "2099-01-01T00:00:00Z",
            }),
            "tags",
            json!({"honey": true}),
        ),
        row("getUpload"),
        with(
            "updateUpload",
            json!({"title": "Honey"}),
            "publish_at",
            json!("tomorrow"),
        ),
        row("cancelUpload"),
        Row {
            query: "channel_id=6f0d6a3e-58a3-4a6c-9b0e-2f6a1f0f7c11",
            ..row("listSlots")
        },
        row("readCalendar"),
        row("listCategories"),
        row("createCalendar"),
        row("deleteCalendar"),
        with(
            "estimateRender",
            json!({"content_id": some}),
            "quality",
            json!("best"),
        ),
        with(
            "createRender",
            json!({"content_id": some}),
            "music",
            json!("loud"),
        ),
        row("listRenders"),
        row("listVoices"),
        row("getRender"),
        with(
            "updateRender",
            json!({"confirmed": true}),
            "confirmed",
            json!("yes"),
        ),
        row("cancelRender"),
        Row {
            query: "render=unknown&token=unknown",
            ..row("receiveRevidCallback")
        },
        row("listEndpoints"),
        with(
            "createEndpoint",
            json!({"url": "https://example.com/hooks"}),
            "events",
            json!("all"),
        ),
        row("getEndpoint"),
        with(
            "updateEndpoint",
            json!({"description": "Ours"}),
            "state",
            json!("yes"),
        ),
        row("deleteEndpoint"),
        with("rotateSecret", json!({}), "end_old", json!("yes")),
        row("testEndpoint"),
        row("listDeliveries"),
        row("getDelivery"),
        row("replayDelivery"),
        row("listVideos"),
        row("getVideo"),
    ]
}

/// Calls of other services, which append parameters and bodies of their own.
pub(super) const TAKE_ANYTHING: [&str; 3] =
    ["receiveConsent", "readCalendar", "receiveRevidCallback"];

/// An operation of the served document with its row.
pub(super) struct Case {
    pub(super) stack: Arc<Stack>,
    pub(super) row: Row,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) document: Value,
    pub(super) allow: BTreeSet<String>,
    pub(super) who: Option<String>,
}

pub(super) async fn cases() -> Vec<Case> {
    let stack = Stack::from_env();
    let operations = stack.documented_operations().await;
    let mut rows = rows();
    let mut cases = Vec::new();
    for (method, path, document) in &operations {
        let id = document["operationId"].as_str().expect("an id");
        let at = rows
            .iter()
            .position(|row| row.id == id)
            .unwrap_or_else(|| panic!("{id} has no row in tests/api/input/operations.rs"));
        let who = document["security"][0]
            .as_object()
            .and_then(|schemes| schemes.keys().next().cloned());
        let same_path = operations.iter().filter(|(_, other, _)| other == path);
        cases.push(Case {
            stack: Arc::clone(&stack),
            row: rows.swap_remove(at),
            method: method.clone(),
            path: path.clone(),
            document: document.clone(),
            allow: same_path
                .flat_map(|(method, ..)| match *method {
                    Method::GET => vec![method.to_string(), "HEAD".to_owned()],
                    _ => vec![method.to_string()],
                })
                .collect(),
            who,
        });
    }
    let left: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert!(left.is_empty(), "rows without an operation: {left:?}");
    cases
}

impl Case {
    pub(super) fn takes_body(&self) -> bool {
        self.document.get("requestBody").is_some()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&Value> {
        self.document["parameters"]
            .as_array()?
            .iter()
            .find(|parameter| parameter["name"] == name && parameter["in"] != "path")
    }

    /// The address with an id of the right form, and more behind the query that it needs.
    pub(super) fn address(&self, more: &str) -> String {
        self.address_of(&Uuid::new_v4().to_string(), more)
    }

    pub(super) fn address_of(&self, id: &str, more: &str) -> String {
        let path = self
            .path
            .replace("{id}", id)
            .replace("{kind}", "ideas")
            .replace("{secret}", "unknown");
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

    /// A request by a caller who may make it: each a user of their own, so that no limit is met.
    pub(super) async fn request(&self, address: &str) -> RequestBuilder {
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
    pub(super) async fn sound(&self, address: &str) -> Answer {
        let request = self.request(address).await;
        Answer::of(match &self.row.body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    pub(super) async fn raw(&self, content_type: &str, body: Vec<u8>) -> Answer {
        let request = self.request(&self.address("")).await;
        Answer::of(request.header("content-type", content_type).body(body)).await
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.row.body).expect("JSON")
    }
}
