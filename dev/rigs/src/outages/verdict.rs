//! Whether an answer is as promised.

use std::time::Duration;

use platform::endpoint::Declaration;
use serde_json::Value;

use super::{answer::Answer, fault::CANARY};

/// What a busy machine may add to a deadline before it counts as missed.
const GRACE: Duration = Duration::from_secs(5);
/// Words of the inside that no refusal may hold.
const INSIDE: [&str; 10] = [
    "127.0.0.1",
    "localhost",
    "reqwest",
    "hyper",
    "sqlx",
    "postgrest",
    "os error",
    "panicked",
    ".rs:",
    CANARY,
];

/// What is wrong with an answer, if anything. `secrets` are further words that no refusal may hold.
pub(super) fn violation(
    declaration: &Declaration,
    answer: &Answer,
    secrets: &[String],
) -> Option<String> {
    let Some(status) = answer.status else {
        return Some(format!("no answer: {}", answer.body));
    };
    let allowed = Duration::from_secs(declaration.deadline_seconds);
    if answer.took > allowed + GRACE {
        let took = answer.ms();
        let allowed = allowed.as_secs();
        return Some(format!("after {took} ms, {allowed} s are allowed"));
    }
    if answer.platform {
        return Some("the function gave no answer of its own".to_owned());
    }
    if status < 400 {
        let passes_on = answer.body.contains(CANARY);
        return passes_on.then(|| "passes on what the broken service said".to_owned());
    }
    let mut words = INSIDE.into_iter().chain(secrets.iter().map(String::as_str));
    if let Some(word) = words.find(|word| answer.body.contains(word)) {
        return Some(format!("tells of what is inside: {word}"));
    }
    // Health has a form of its own, and says more than a problem would.
    if declaration.id == "getHealth" {
        return (status != 503).then(|| "neither 200 nor 503".to_owned());
    }
    if !is_problem(answer, status) {
        return Some(format!("no problem document: {}", answer.content_type));
    }
    // An outage is known for what it is; 500 says that nobody thought of it.
    (status >= 500 && !matches!(status, 502..=504))
        .then(|| "an outage is no fault of ours".to_owned())
}

fn is_problem(answer: &Answer, status: u16) -> bool {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    answer.content_type.starts_with("application/problem+json")
        && problem["status"] == status
        && ["type", "title", "code", "request_id"]
            .iter()
            .all(|name| problem[*name].is_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(id: &str) -> &'static Declaration {
        catalyst::routes::declarations()
            .find(|declaration| declaration.id == id)
            .unwrap()
    }

    fn answer(status: u16, body: &Value) -> Answer {
        Answer {
            status: Some(status),
            content_type: "application/problem+json".to_owned(),
            body: body.to_string(),
            platform: false,
            took: Duration::from_secs(1),
        }
    }

    fn problem(status: u16) -> Value {
        json!({"type": "t", "title": "t", "code": "c", "request_id": "r", "status": status})
    }

    fn found(answer: &Answer) -> Option<String> {
        violation(operation("getMe"), answer, &["hidden".to_owned()])
    }

    #[test]
    fn a_problem_in_time_that_names_an_outage_is_as_promised() {
        assert_eq!(found(&answer(200, &json!({}))), None);
        assert_eq!(found(&answer(503, &problem(503))), None);
        assert!(found(&answer(500, &problem(500))).is_some());
        assert!(found(&answer(503, &problem(502))).is_some());
        let health = operation("getHealth");
        assert_eq!(
            violation(health, &answer(503, &json!({"status": "down"})), &[]),
            None
        );
    }

    #[test]
    fn an_answer_may_not_be_late_missing_or_the_platforms() {
        let good = || answer(503, &problem(503));
        let late = Answer {
            took: Duration::from_secs(400),
            ..good()
        };
        let missing = Answer {
            status: None,
            ..good()
        };
        let platform = Answer {
            platform: true,
            ..good()
        };
        let page = Answer {
            content_type: "text/html".to_owned(),
            ..good()
        };
        for wrong in [late, missing, platform, page] {
            assert!(found(&wrong).is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn nothing_of_the_inside_is_told() {
        for word in ["hidden", "sqlx", CANARY] {
            let mut body = problem(503);
            body["detail"] = word.into();
            let told = found(&answer(503, &body)).unwrap();
            assert!(told.ends_with(word), "{told}");
        }
        assert!(found(&answer(200, &json!({"title": CANARY}))).is_some());
    }
}
