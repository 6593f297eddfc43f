//! What those who run the deployment see and do, and nobody else.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Api, Stack, User, assert_problem};

const PATHS: [(&str, &str); 3] = [
    ("GET", "/api/admin/metrics"),
    ("GET", "/api/admin/failures"),
    ("POST", "/api/admin/failures"),
];

#[tokio::test]
async fn only_administrators_get_in() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let admin = stack.sign_up_admin().await;
    let body = json!({"id": Uuid::new_v4(), "action": "discard"});
    for (method, path) in PATHS {
        let method: Method = method.parse().expect("a method");
        let ask = async |api: &Api| {
            let request = api.request(method.clone(), path);
            Answer::of(match method {
                Method::POST => request.json(&body),
                _ => request,
            })
            .await
        };
        assert_problem(&ask(&stack.anonymous()).await, 401, "token_missing");
        assert_problem(&ask(&user.api).await, 403, "admin_only");
        // A role that the user gave themselves counts for nothing.
        for claims in [
            json!({"sub": user.id, "user_metadata": {"role": "admin"}}),
            json!({"sub": user.id, "app_metadata": {"role": "Admin"}}),
            json!({"sub": user.id, "app_metadata": {"roles": ["admin"]}}),
        ] {
            let token = stack.token(&claims).await;
            assert_problem(&ask(&stack.api(Some(&token))).await, 403, "admin_only");
        }
        assert_problem(
            &ask(&stack.api(Some(&stack.secret_key))).await,
            401,
            "token_invalid",
        );
        let answer = ask(&admin.api).await;
        assert!(matches!(answer.status, 200 | 404), "{answer}");
    }
}

#[tokio::test]
async fn a_scraper_gets_openmetrics() {
    let stack = Stack::from_env();
    let admin = stack.sign_up_admin().await;
    let accept = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let request = admin
        .api
        .request(Method::GET, "/api/admin/metrics")
        .header("accept", accept);
    let answer = Answer::of(request).await.status(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let text = String::from_utf8(answer.body).expect("UTF-8");
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1);
    let mut families = std::collections::BTreeSet::new();
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, _) = rest.split_once(' ').expect("a name and a type");
            assert!(families.insert(name.to_owned()), "{name} stands twice");
            family = name.to_owned();
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            assert!(name.starts_with(&family), "{line} stands under {family}");
            assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
        }
    }
    assert!(families.contains("catalyst_request_duration_seconds"));
    assert!(text.contains("le=\"+Inf\""), "{text}");
}

/// A step that was given up; its id.
fn seeded_dead_step(stack: &Stack, kind: &str, subject: Uuid) -> String {
    stack.sql(&format!(
        "insert into private.steps (queue, kind, subject_id, due_at, request_id)
         values ('maintenance', '{kind}', '{subject}', private.now() + interval '1 day', 'request-of-the-step');
         select private.dead_letter(s, '{{\"code\": \"upstream_failed\", \"message\": \"It did not work.\"}}') from private.steps s
         where subject_id = '{subject}'"
    ));
    stack.sql(&format!(
        "select id from private.steps where subject_id = '{subject}'"
    ))
}

fn dead_messages(stack: &Stack, step: &str) -> String {
    stack.sql(&format!(
        "select count(*) from pgmq.q_dead where message ->> 'step' = '{step}'"
    ))
}

/// What was written down of an administrator's decision.
fn audit(stack: &Stack, admin: &User, step: &str) -> String {
    stack.sql(&format!(
        "select event_type, details ->> 'reason' from public.system_logs
         where details ->> 'step_id' = '{step}' and user_id = '{}' order by id",
        admin.id
    ))
}

#[tokio::test]
async fn dead_letters_are_listed_with_cause_and_next_action() {
    let stack = Stack::from_env();
    let admin = stack.sign_up_admin().await;
    let mine: Vec<String> = (0..3)
        .map(|_| seeded_dead_step(&stack, "test.listed", Uuid::new_v4()))
        .collect();
    let found = admin.api.all_items("/api/admin/failures", 2).await;
    let times: Vec<_> = found
        .iter()
        .map(|f| f["died_at"].as_str().expect("a time"))
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "the newest first");
    for id in mine {
        let failures: Vec<_> = found.iter().filter(|f| f["id"] == id.as_str()).collect();
        assert_eq!(failures.len(), 1, "{id} is listed once");
        let failure = failures[0];
        assert_eq!(failure["cause"]["code"], "upstream_failed");
        assert_eq!(failure["cause"]["message"], "It did not work.");
        assert_eq!(failure["request_id"], "request-of-the-step");
        assert_eq!(failure["next_action"]["action"], "retry");
        assert!(
            failure["next_action"]["advice"]
                .as_str()
                .is_some_and(|a| a.len() > 20)
        );
    }
}

#[tokio::test]
async fn a_dead_letter_is_discarded_once_with_its_reason() {
    let stack = Stack::from_env();
    let admin = stack.sign_up_admin().await;
    let state = |id: &str| {
        stack.sql(&format!(
            "select state from private.steps where id = '{id}'"
        ))
    };
    let discarded = seeded_dead_step(&stack, "test.discarded", Uuid::new_v4());
    assert_eq!(dead_messages(&stack, &discarded), "1");
    let body = json!({"id": discarded, "action": "discard", "reason": "The video is gone."});
    let answer = admin
        .api
        .post("/api/admin/failures", &body)
        .await
        .status(200);
    assert_eq!(answer.json["state"], "done");
    assert_eq!(state(&discarded), "done");
    assert_eq!(dead_messages(&stack, &discarded), "0");
    assert_eq!(
        audit(&stack, &admin, &discarded),
        "failure.discarded|The video is gone."
    );
    let again = admin.api.post("/api/admin/failures", &body).await;
    assert_problem(&again, 409, "invalid_state");
    assert_eq!(audit(&stack, &admin, &discarded).lines().count(), 1);
}

#[tokio::test]
async fn a_dead_letter_is_retried_once_for_one_key() {
    let stack = Stack::from_env();
    let admin = stack.sign_up_admin().await;
    // Nobody runs steps of this kind, so what is put back to work comes back as a dead letter of another cause.
    let retried = seeded_dead_step(&stack, "test.retried", Uuid::new_v4());
    let body = json!({"id": retried, "action": "retry"});
    let key = Uuid::new_v4().to_string();
    let first = admin
        .api
        .post_once("/api/admin/failures", &key, &body)
        .await
        .status(200);
    assert_eq!(first.json["state"], "waiting");
    let twin = admin
        .api
        .post_once("/api/admin/failures", &key, &body)
        .await
        .status(200);
    assert_eq!(twin.json, first.json);
    assert_eq!(audit(&stack, &admin, &retried), "failure.retried|");
    let end =
        format!("select state, last_error ->> 'code' from private.steps where id = '{retried}'");
    stack
        .until_sql("the run of the step", &end, "dead|unknown_step")
        .await;
}

#[tokio::test]
async fn a_dead_letter_that_is_none_is_not_found() {
    let stack = Stack::from_env();
    let admin = stack.sign_up_admin().await;
    let nobodys = json!({"id": Uuid::new_v4(), "action": "retry"});
    let answer = admin.api.post("/api/admin/failures", &nobodys).await;
    assert_problem(&answer, 404, "not_found");
}
