//! RevID.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Stand, send, try_send};

fn body(text: &str) -> Value {
    json!({"workflow": "script-to-video", "source": {"text": text}, "aspectRatio": "9:16", "voice": {"enabled": true}, "captions": {"enabled": true}})
}

impl Stand {
    fn revid(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/api/public/v3/{path}", self.urls.revid))
            .header("key", "k")
            .header("user-agent", "test/1")
    }
    async fn submit(&self, body: &Value) -> Answer {
        send(self.revid(reqwest::Method::POST, "render").json(body)).await
    }
    async fn pid(&self, body: &Value) -> String {
        let answer = self.submit(body).await;
        answer.json()["pid"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", answer.text))
            .to_owned()
    }
    async fn status(&self, pid: &str) -> Answer {
        send(self.revid(reqwest::Method::GET, &format!("status?pid={pid}"))).await
    }
    /// A webhook address at the sink, and what came in there.
    fn hook(&self, name: &str) -> String {
        format!("{}/hooks/{name}", self.urls.slack)
    }
    async fn hooked(&self, name: &str, least: usize) -> Vec<Value> {
        for _ in 0..100 {
            let calls = send(self.http.get(format!("{}/_control/calls", self.urls.slack)))
                .await
                .json()["calls"]
                .clone();
            let here: Vec<Value> = calls
                .as_array()
                .into_iter()
                .flatten()
                .filter(|call| call["path"] == format!("/hooks/{name}"))
                .cloned()
                .collect();
            if here.len() >= least {
                return here;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no {least} webhooks at {name}");
    }
}

#[tokio::test]
async fn the_key_has_a_header_of_its_own() {
    let stand = Stand::start().await;
    let url = format!("{}/api/public/v3/render", stand.urls.revid);
    let bearer = send(
        stand
            .http
            .post(&url)
            .header("user-agent", "test/1")
            .bearer_auth("k")
            .json(&body("x")),
    )
    .await;
    assert_eq!(
        (
            bearer.status,
            bearer.json()["success"].as_u64(),
            bearer.json()["error"].as_str()
        ),
        (401, Some(0), Some("Invalid API key"))
    );
    stand
        .knobs(&stand.urls.revid, json!({"auth_error_status": 200}))
        .await;
    let again = send(
        stand
            .http
            .post(&url)
            .header("user-agent", "test/1")
            .json(&body("x")),
    )
    .await;
    assert_eq!(
        (again.status, again.json()["success"].as_u64()),
        (200, Some(0))
    );
}

#[tokio::test]
async fn nobody_without_a_user_agent_gets_past_the_front_door() {
    let stand = Stand::start().await;
    let answer = send(
        stand
            .http
            .post(format!("{}/api/public/v3/render", stand.urls.revid))
            .header("key", "k")
            .json(&body("x")),
    )
    .await;
    assert!(answer.status == 403 && answer.text.contains("error code: 1010"));
    assert!(
        answer
            .header("content-type")
            .is_some_and(|mime| mime.starts_with("text/html"))
    );
}

#[tokio::test]
async fn a_submission_is_checked() {
    let stand = Stand::start().await;
    let no_workflow = stand.submit(&json!({"source": {"text": "x"}})).await;
    assert_eq!(no_workflow.json()["error"], "workflow is required");
    assert!(no_workflow.json()["docs"].is_object());
    let wrong_source = stand
        .submit(&json!({"workflow": "script-to-video", "source": {"prompt": "x"}}))
        .await;
    assert_eq!(
        (wrong_source.status, wrong_source.json()["success"].as_u64()),
        (422, Some(0))
    );
    assert!(
        stand
            .submit(&json!({"workflow": "make-me-rich", "source": {}}))
            .await
            .json()["error"]
            .as_str()
            .is_some_and(|text| text.starts_with("unknown workflow"))
    );
    assert_eq!(stand.state(&stand.urls.revid).await["renders_charged"], 0);
}

#[tokio::test]
async fn a_success_has_the_number_1_and_an_opaque_id() {
    let stand = Stand::start().await;
    let answer = stand.submit(&body("x")).await;
    assert_eq!((answer.status, &answer.json()["success"]), (200, &json!(1)));
    assert!(
        answer.json()["pid"].as_str().is_some_and(
            |pid| pid.len() == 20 && pid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        )
    );
    stand
        .knobs(
            &stand.urls.revid,
            json!({"body_contains": "prefixed", "id_style": "prefixed"}),
        )
        .await;
    assert!(stand.pid(&body("prefixed")).await.starts_with("p_"));
}

#[tokio::test]
async fn the_same_body_twice_is_charged_twice() {
    let stand = Stand::start().await;
    assert_ne!(stand.pid(&body("x")).await, stand.pid(&body("x")).await);
    let state = stand.state(&stand.urls.revid).await;
    assert_eq!(
        (
            state["renders_charged"].as_u64(),
            state["credits_charged"].as_u64()
        ),
        (Some(2), Some(20))
    );
}

#[tokio::test]
async fn a_submission_whose_answer_is_lost_was_charged_and_is_listed() {
    let stand = Stand::start().await;
    stand.fault(&stand.urls.revid, json!([
        {"operation": "render.submit", "body_contains": "lost", "when": "after", "cut": true},
        {"operation": "render.submit", "body_contains": "muddled", "when": "after", "error": "html502"},
    ])).await;
    assert!(
        try_send(
            stand
                .revid(reqwest::Method::POST, "render")
                .json(&body("lost"))
        )
        .await
        .is_err()
    );
    assert_eq!(stand.submit(&body("muddled")).await.status, 502);
    assert_eq!(stand.state(&stand.urls.revid).await["renders_charged"], 2);
    let projects = send(stand.revid(reqwest::Method::GET, "projects?limit=10"))
        .await
        .json()["projects"]
        .clone();
    let names: Vec<&str> = projects
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|project| project["name"].as_str())
        .collect();
    assert_eq!(names, ["muddled", "lost"]);
    assert!(projects[0]["createdAt"].is_string());
}

#[tokio::test]
async fn the_observed_dialect_builds_twice_and_is_ready() {
    let stand = Stand::start().await;
    let pid = stand.pid(&body("x")).await;
    for _ in 0..2 {
        let status = stand.status(&pid).await.json();
        assert_eq!(
            status,
            json!({"success": 1, "pid": pid, "status": "building"})
        );
    }
    let ready = stand.status(&pid).await.json();
    assert_eq!(
        (ready["status"].as_str(), ready["creditsConsumed"].as_u64()),
        (Some("ready"), Some(10))
    );
    assert!(
        ready.get("progress").is_none()
            && ready["videoUrl"]
                .as_str()
                .is_some_and(|url| url.starts_with(&stand.urls.revid))
    );
}

#[tokio::test]
async fn the_documented_dialect_queues_renders_and_is_ready() {
    let stand = Stand::start().await;
    stand
        .knobs(&stand.urls.revid, json!({"dialect": "documented"}))
        .await;
    let pid = stand.pid(&body("x")).await;
    assert_eq!(stand.status(&pid).await.json()["status"], "queued");
    let rendering = stand.status(&pid).await.json();
    assert!(
        rendering["status"] == "rendering"
            && rendering["progress"].as_u64() > Some(0)
            && rendering.get("success").is_none()
    );
    let ready = stand.status(&pid).await.json();
    assert_eq!(
        (
            ready["progress"].as_u64(),
            ready["creditsUsed"].as_u64(),
            ready["durationSeconds"].as_u64()
        ),
        (Some(100), Some(10), Some(38))
    );
    assert!(ready["thumbnailUrl"].is_string());
}

#[tokio::test]
async fn odd_statuses_can_be_had() {
    let stand = Stand::start().await;
    stand
        .knobs(
            &stand.urls.revid,
            json!({"ready_without_url_polls": 1, "unknown_status": "exporting"}),
        )
        .await;
    let pid = stand.pid(&body("x")).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let status = stand.status(&pid).await.json();
        seen.push((
            status["status"].as_str().unwrap_or_default().to_owned(),
            status["videoUrl"].is_string(),
        ));
    }
    let expected = [
        ("building", false),
        ("exporting", false),
        ("building", false),
        ("ready", false),
        ("ready", true),
    ];
    assert_eq!(seen, expected.map(|(status, url)| (status.to_owned(), url)));
    stand.knobs(&stand.urls.revid, json!({"body_contains": "upper", "outcome": "FAILED:no luck", "polls_per_state": 1, "ready_after_seconds": 0, "unknown_status": null})).await;
    let failed = stand.status(&stand.pid(&body("upper")).await).await.json();
    assert_eq!(
        (failed["status"].as_str(), failed["message"].as_str()),
        (Some("FAILED"), Some("no luck"))
    );
}

#[tokio::test]
async fn renders_fail_with_the_texts_of_the_service() {
    let stand = Stand::start().await;
    for (n, text) in [
        "insufficient_credits",
        "scrape failed",
        "script too long",
        "voice unavailable",
        "nsfw content detected",
        "media generation timed out",
        "Invalid media file",
    ]
    .into_iter()
    .enumerate()
    {
        let kind = if n % 2 == 0 { "failed" } else { "error" };
        let mark = format!("render number {n}.");
        stand.knobs(&stand.urls.revid, json!({"body_contains": mark, "outcome": format!("{kind}:{text}"), "ready_after_seconds": 0})).await;
        let status = stand.status(&stand.pid(&body(&mark)).await).await.json();
        assert_eq!(
            (status["status"].as_str(), status["error"].as_str()),
            (Some(kind), Some(text))
        );
    }
}

#[tokio::test]
async fn an_unknown_pid_is_404_and_a_fresh_one_may_be_too() {
    let stand = Stand::start().await;
    assert_eq!(stand.status("nobody").await.status, 404);
    stand
        .knobs(&stand.urls.revid, json!({"not_found_polls": 1}))
        .await;
    let pid = stand.pid(&body("x")).await;
    assert_eq!(stand.status(&pid).await.status, 404);
    assert_eq!(stand.status(&pid).await.json()["status"], "building");
}

#[tokio::test]
async fn polls_fail_for_a_while_and_then_work() {
    let stand = Stand::start().await;
    let pid = stand.pid(&body("x")).await;
    stand.fault(&stand.urls.revid, json!([{"operation": "render.status", "error": "rateLimited"}, {"operation": "render.status", "error": "internal"},
        {"operation": "render.status", "error": "html502"}, {"operation": "render.status", "cut": true}])).await;
    assert_eq!(stand.status(&pid).await.status, 429);
    assert_eq!(stand.status(&pid).await.status, 500);
    assert!(stand.status(&pid).await.text.starts_with("<html>"));
    assert!(
        try_send(stand.revid(reqwest::Method::GET, &format!("status?pid={pid}")))
            .await
            .is_err()
    );
    assert_eq!(stand.status(&pid).await.json()["status"], "building");
}

#[tokio::test]
async fn a_stuck_job_builds_for_ever_and_others_end_with_time_alone() {
    let stand = Stand::start().await;
    stand
        .knobs(
            &stand.urls.revid,
            json!({"body_contains": "stuck", "outcome": "stuck"}),
        )
        .await;
    let (stuck, slow) = (
        stand.pid(&body("stuck")).await,
        stand.pid(&body("slow")).await,
    );
    stand.advance(181);
    assert_eq!(stand.status(&slow).await.json()["status"], "ready");
    stand.advance(1_000_000);
    for _ in 0..5 {
        assert_eq!(stand.status(&stuck).await.json()["status"], "building");
    }
}

#[tokio::test]
async fn renaming_redirects_to_another_host() {
    let stand = Stand::start().await;
    let answer = send(
        stand
            .revid(reqwest::Method::POST, "rename-project")
            .json(&json!({})),
    )
    .await;
    assert!(
        answer.status == 307
            && answer
                .header("location")
                .is_some_and(|url| !url.starts_with(&stand.urls.revid))
    );
}

#[tokio::test]
async fn a_webhook_brings_the_status_body_without_a_signature() {
    let stand = Stand::start().await;
    let mut request = body("text of the render");
    request["webhookUrl"] = json!(stand.hook("normal"));
    let pid = stand.pid(&request).await;
    stand.advance(200);
    stand.hooked("normal", 1).await;
    let messages = stand.state(&stand.urls.revid).await["webhooks"].clone();
    assert_eq!(
        (messages.as_array().map(Vec::len), &messages[0]["pid"]),
        (Some(1), &json!(pid))
    );
}

#[tokio::test]
async fn webhooks_can_misbehave() {
    let stand = Stand::start().await;
    for (kind, expected) in [
        ("twice", 2),
        ("foreign_pid", 1),
        ("evil_url", 1),
        ("empty", 1),
        ("not_json", 1),
        ("huge", 1),
        ("failed", 1),
    ] {
        stand.knobs(&stand.urls.revid, json!({"body_contains": format!("hook {kind}"), "webhook": kind, "ready_after_seconds": 0})).await;
        let mut request = body(&format!("hook {kind}"));
        request["webhookUrl"] = json!(stand.hook(kind));
        stand.pid(&request).await;
        stand.hooked(kind, expected).await;
    }
    stand
        .knobs(
            &stand.urls.revid,
            json!({"body_contains": "hook early", "webhook": "before_answer"}),
        )
        .await;
    let mut request = body("hook early");
    request["webhookUrl"] = json!(stand.hook("early"));
    stand.submit(&request).await;
    let calls = send(
        stand
            .http
            .get(format!("{}/_control/calls", stand.urls.slack)),
    )
    .await;
    assert!(
        calls.text.contains("/hooks/early"),
        "it came before the answer"
    );
    stand
        .knobs(
            &stand.urls.revid,
            json!({"body_contains": "hook never", "webhook": "never", "ready_after_seconds": 0}),
        )
        .await;
    let mut request = body("hook never");
    request["webhookUrl"] = json!(stand.hook("never"));
    stand.pid(&request).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(
        !send(
            stand
                .http
                .get(format!("{}/_control/calls", stand.urls.slack))
        )
        .await
        .text
        .contains("/hooks/never")
    );
}

#[tokio::test]
async fn webhooks_are_tried_again_only_when_told() {
    let stand = Stand::start().await;
    stand
        .fault(&stand.urls.slack, json!({"status": 500, "times": 0}))
        .await;
    for (name, tries) in [("once", 1_usize), ("thrice", 3)] {
        stand
            .knobs(
                &stand.urls.revid,
                json!({"body_contains": name, "webhook_tries": tries, "ready_after_seconds": 0}),
            )
            .await;
        let mut request = body(name);
        request["webhookUrl"] = json!(stand.hook(name));
        stand.pid(&request).await;
        stand.hooked(name, tries).await;
    }
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(stand.hooked("once", 1).await.len(), 1);
    assert_eq!(stand.hooked("thrice", 3).await.len(), 3);
}

#[tokio::test]
async fn an_estimate_needs_no_key_and_has_two_shapes() {
    let stand = Stand::start().await;
    let estimate = async || {
        let url = format!("{}/api/public/v3/calculate-credits", stand.urls.revid);
        send(
            stand
                .http
                .post(url)
                .header("user-agent", "test/1")
                .json(&body("x")),
        )
        .await
        .json()
    };
    assert_eq!(estimate().await["creditsEstimate"], 10);
    stand
        .knobs(
            &stand.urls.revid,
            json!({"estimate_dialect": "credits", "estimate": 4}),
        )
        .await;
    assert_eq!(estimate().await["credits"], 4);
    assert_eq!(stand.state(&stand.urls.revid).await["credits_charged"], 0);
}

#[tokio::test]
async fn an_empty_account_is_refused_in_three_ways() {
    let stand = Stand::start().await;
    stand.knobs(&stand.urls.revid, json!({"balance": 15})).await;
    assert_eq!(stand.submit(&body("x")).await.status, 200);
    for (way, status) in [("402", 402), ("403", 403), ("text", 200)] {
        stand
            .knobs(&stand.urls.revid, json!({"insufficient": way}))
            .await;
        let answer = stand.submit(&body("x")).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (status, Some("insufficient_credits"))
        );
    }
    assert_eq!(stand.state(&stand.urls.revid).await["renders_charged"], 1);
}

#[tokio::test]
async fn nothing_can_be_cancelled() {
    let stand = Stand::start().await;
    let pid = stand.pid(&body("x")).await;
    assert_eq!(
        send(stand.revid(reqwest::Method::DELETE, &format!("render?pid={pid}")))
            .await
            .status,
        404
    );
    assert_eq!(
        send(stand.revid(reqwest::Method::POST, "cancel"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn dangerous_calls_are_noted() {
    let stand = Stand::start().await;
    for name in ["buy-credit-pack", "publish-now", "add-to-queue"] {
        send(stand.revid(reqwest::Method::POST, name).json(&json!({}))).await;
    }
    let state = stand.state(&stand.urls.revid).await;
    assert_eq!(state["dangerous_calls"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn the_file_can_be_had_whole_in_parts_and_in_several_bad_ways() {
    let stand = Stand::start().await;
    let ready = async |text: &str, knobs: Value| {
        let mut knobs = knobs;
        knobs["body_contains"] = json!(text);
        knobs["ready_after_seconds"] = json!(0);
        stand.knobs(&stand.urls.revid, knobs).await;
        let pid = stand.pid(&body(text)).await;
        stand.status(&pid).await.json()["videoUrl"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let get = async |url: &str, range: &str| {
        let response = stand
            .http
            .get(url)
            .header("range", range)
            .send()
            .await
            .expect("an answer");
        let (status, length) = (
            response.status().as_u16(),
            response.headers().get("content-length").cloned(),
        );
        (
            status,
            length,
            response.bytes().await.expect("a body").to_vec(),
        )
    };
    let url = ready("good file", json!({"file_bytes": 300_000})).await;
    let (status, length, whole) = get(&url, "none").await;
    assert_eq!(
        (status, length.is_some(), whole.len()),
        (200, true, 300_000)
    );
    assert_eq!(&whole[4..8], b"ftyp");
    let (status, _, part) = get(&url, "bytes=100000-199999").await;
    assert_eq!((status, part.as_slice()), (206, &whole[100_000..200_000]));
    let unsized_url = ready(
        "unsized file",
        json!({"file": "no_length", "file_bytes": 70_000}),
    )
    .await;
    let (_, length, bytes) = get(&unsized_url, "none").await;
    assert_eq!((length, bytes.len()), (None, 70_000));
    let html = send(
        stand
            .http
            .get(ready("html file", json!({"file": "html"})).await),
    )
    .await;
    assert!(
        html.status == 200
            && html
                .header("content-type")
                .is_some_and(|mime| mime.starts_with("text/html"))
    );
    let short_lived = ready("old file", json!({"file_life_seconds": 60})).await;
    assert_eq!(get(&short_lived, "none").await.0, 200);
    stand.advance(61);
    assert_eq!(get(&short_lived, "none").await.0, 403);
    let huge = stand
        .http
        .head(ready("huge file", json!({"file_bytes": 5_000_000_000_u64})).await)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        huge.headers()
            .get("content-length")
            .and_then(|length| length.to_str().ok()),
        Some("5000000000")
    );
}
