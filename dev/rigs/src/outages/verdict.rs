//! What a call was answered with, and whether that is as promised.

use std::time::{Duration, Instant};

use platform::endpoint::Declaration;
use serde_json::Value;

use super::fault::CANARY;

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

/// An answer, or the lack of one.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) content_type: String,
    /// What was said; without an answer, why there is none.
    pub(super) body: String,
    /// Whether the platform spoke in the function's place.
    pub(super) platform: bool,
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_str(&self.body).ok()?;
        Some(problem["code"].as_str()?.to_owned())
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn of(request: reqwest::RequestBuilder) -> Self {
        let began = Instant::now();
        let answer = Self::read(request).await.unwrap_or_else(|error| Self {
            body: error.to_string(),
            ..Self::default()
        });
        Self {
            took: began.elapsed(),
            ..answer
        }
    }

    async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let headers = response.headers();
        let kind = headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok());
        Ok(Self {
            status: Some(response.status().as_u16()),
            content_type: kind.unwrap_or_default().to_owned(),
            platform: headers.contains_key("x-vercel-error"),
            body: response.text().await?,
            ..Self::default()
        })
    }
}

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
    if declaration.id == "health.get" {
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
        violation(operation("me.get"), answer, &["hidden".to_owned()])
    }

    #[test]
    fn a_problem_in_time_that_names_an_outage_is_as_promised() {
        assert_eq!(found(&answer(200, &json!({}))), None);
        assert_eq!(found(&answer(503, &problem(503))), None);
        assert!(found(&answer(500, &problem(500))).is_some());
        assert!(found(&answer(503, &problem(502))).is_some());
        let health = operation("health.get");
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
