//! How requests that change something are counted.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Stack, TokenSigner, assert_problem};

/// How many requests were counted since an answer, as two answers tell it; time gives some back.
struct Count {
    began: Instant,
    left: u64,
    quota: u64,
}

impl Count {
    fn after(answer: &Answer) -> Self {
        Self {
            began: Instant::now(),
            left: number(answer, "ratelimit", "r="),
            quota: number(answer, "ratelimit-policy", "q="),
        }
    }

    #[track_caller]
    fn is(&self, counted: u64, answer: &Answer) {
        let given_back = 1 + self.began.elapsed().as_secs() * self.quota / 60;
        let taken = self.left.saturating_sub(number(answer, "ratelimit", "r="));
        assert!(
            taken <= counted && counted <= taken + given_back,
            "{counted} requests, {taken} counted, at most {given_back} given back: {answer}"
        );
    }
}

fn number(answer: &Answer, header: &str, name: &str) -> u64 {
    let value = answer
        .header(header)
        .unwrap_or_else(|| panic!("no {header}: {answer}"));
    let found = value
        .split(';')
        .find_map(|part| part.trim().strip_prefix(name));
    found
        .and_then(|found| found.parse().ok())
        .unwrap_or_else(|| panic!("{value}"))
}

#[tokio::test]
async fn whatever_a_change_ends_with_its_request_counts_once() {
    let stack = Stack::from_env();
    let api = stack.api(Some(&TokenSigner::of(&stack).token(stack.seeded_user())));
    let name = |name: &str| json!({ "display_name": name });
    let made = api.patch("/api/me", &name("Ada")).await.status(200);
    let count = Count::after(&made);
    let answers = [
        // Refused by the database, by the function, and by what reads the body.
        (
            api.patch_if("/api/me", "\"v999\"", &name("Bob")).await,
            412,
            "version_mismatch",
        ),
        (api.patch("/api/me", &name(" ")).await, 422, "invalid_body"),
        (
            api.patch("/api/me", &json!({"display_name": 1})).await,
            422,
            "invalid_body",
        ),
        (
            api.post_raw("/api/schedule", "text/plain", "x").await,
            415,
            "unsupported_media_type",
        ),
    ];
    for (n, (answer, status, code)) in (1..).zip(answers) {
        assert_problem(&answer, status, code);
        count.is(n, &answer);
    }
    assert_eq!(api.get("/api/me").await.json["display_name"], "Ada");
}

#[tokio::test]
async fn twenty_changes_of_one_user_at_once_are_made_and_counted() {
    const CHANGES: u64 = 20;
    let stack = Stack::from_env();
    let api = stack.api(Some(&TokenSigner::of(&stack).token(stack.seeded_user())));
    let first = api
        .patch("/api/me", &json!({"display_name": "0"}))
        .await
        .status(200);
    let count = Count::after(&first);
    let version = |answer: &Value| answer["version"].as_u64().expect("a version");
    let mut changes = JoinSet::new();
    for n in 1..=CHANGES {
        let api = api.clone();
        changes.spawn(async move {
            api.patch("/api/me", &json!({"display_name": n.to_string()}))
                .await
        });
    }
    for answer in changes.join_all().await {
        answer.status(200);
    }
    let last = api
        .patch("/api/me", &json!({"display_name": "last"}))
        .await
        .status(200);
    assert_eq!(version(&last.json), version(&first.json) + CHANGES + 1);
    count.is(CHANGES + 1, &last);
}
