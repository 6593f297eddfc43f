//! What the Generative Language API refuses, and the calls beside generating.

use fakes::Service::Gemini;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    gemini::{MODEL, plain, request, schema, words_json},
    support::{Answer, Servers, list, send, text},
};

/// Checks the status and its name.
#[track_caller]
fn assert_error(answer: &Answer, status: u16, name: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.json()["error"]["status"], name);
}

#[tokio::test]
async fn only_the_documented_paths_exist() {
    let servers = Servers::start().await;
    for path in ["v1beta/models/x:explode", "v2/models", "anything"] {
        let answer = send(servers.gemini(Method::POST, path)).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.starts_with("<!DOCTYPE html>"), "{path}");
    }
    let path = format!("v1beta/models/{MODEL}");
    let model = send(servers.gemini(Method::GET, &path)).await;
    assert_eq!(model.json()["name"], format!("models/{MODEL}"));
}

#[tokio::test]
async fn a_wrong_key_is_400_and_a_missing_one_403() {
    let servers = Servers::start().await;
    let url = format!(
        "{}/v1beta/models/{MODEL}:generateContent",
        servers.urls.gemini
    );
    let call = || servers.http.post(&url).json(&plain());
    let wrong = send(call().header("x-goog-api-key", "wrong")).await;
    assert_error(&wrong, 400, "INVALID_ARGUMENT");
    assert_eq!(
        wrong.json()["error"]["details"][0]["reason"],
        "API_KEY_INVALID"
    );
    let missing = send(call()).await;
    assert_error(&missing, 403, "PERMISSION_DENIED");
    assert!(missing.json()["error"].get("details").is_none());
    servers.fault(Gemini, json!({"error": "suspended"})).await;
    let suspended = servers.generate(&plain()).await;
    assert_error(&suspended, 403, "PERMISSION_DENIED");
    assert!(suspended.text.contains("api_key:AIza"));
}

#[tokio::test]
async fn a_key_in_the_query_is_noted() {
    let servers = Servers::start().await;
    let path = format!("v1beta/models/{MODEL}:generateContent?key=k");
    send(servers.gemini(Method::POST, &path).json(&plain())).await;
    let state = servers.state(Gemini).await;
    assert_eq!(state["violations"], json!(["an API key in the query"]));
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name_and_both_spellings_are_taken() {
    let servers = Servers::start().await;
    let mut body = plain();
    body["generationConfig"]["includeThoughts"] = json!(true);
    let answer = servers.generate(&body).await;
    assert_error(&answer, 400, "INVALID_ARGUMENT");
    let error = answer.json()["error"].take();
    let message = "Invalid JSON payload received. Unknown name \"includeThoughts\" at 'generation_config': Cannot find field.";
    assert_eq!(error["message"], message);
    assert_eq!(
        error["details"][0]["fieldViolations"][0]["field"],
        "generation_config"
    );
    let snake = json!({"contents": [{"parts": [{"text": "hi"}]}], "system_instruction": {"parts": [{"text": "be brief"}]},
        "generation_config": {"max_output_tokens": 1000, "response_mime_type": "application/json", "response_schema": schema()}});
    let answer = servers.generate(&snake).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(words_json(&answer.json()).is_object());
}

/// The schema with one member changed.
fn schema_with(name: &str, value: Value) -> Value {
    let mut schema = schema();
    schema[name] = value;
    schema
}

#[tokio::test]
async fn fields_that_do_not_go_together_are_refused() {
    let servers = Servers::start().await;
    let mut no_mime = plain();
    no_mime["generationConfig"]["responseMimeType"] = json!("text/plain");
    let cases = [
        request(json!({"responseSchema": schema(), "responseJsonSchema": {"type": "object"}})),
        request(json!({"responseSchema": schema_with("additionalProperties", json!(false))})),
        request(json!({"responseSchema": schema_with("type", json!(["OBJECT", "NULL"]))})),
        request(json!({"responseSchema": schema_with("required", json!(["unknown"]))})),
        no_mime,
        request(json!({"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 5}})),
        request(json!({"thinkingConfig": {"thinkingLevel": "MINIMAL"}})),
        request(json!({"maxOutputTokens": 40_000})),
        request(json!({"responseJsonSchema": {"type": "object", "minLength": 4}})),
    ];
    for body in cases {
        assert_error(&servers.generate(&body).await, 400, "INVALID_ARGUMENT");
    }
    let level = servers
        .ask_model("gemini-2.5-flash", "generateContent", &plain())
        .await;
    let message = "Thinking level is not supported for this model.";
    assert_eq!(level.json()["error"]["message"], message);
}

#[tokio::test]
async fn an_unknown_model_is_not_found_and_a_retired_one_is_answered_by_another() {
    let servers = Servers::start().await;
    let unknown = servers
        .ask_model("gemini-1", "generateContent", &plain())
        .await;
    assert_error(&unknown, 404, "NOT_FOUND");
    let retired = servers
        .ask_model("gemini-3.7-flash", "generateContent", &plain())
        .await;
    assert_eq!(retired.json()["modelVersion"], "gemini-3.8-flash");
    let path = "v1/models/gemini-flash-latest:generateContent";
    let alias = send(servers.gemini(Method::POST, path).json(&plain())).await;
    assert_eq!(alias.status, 404, "aliases are on v1beta only");
}

#[tokio::test]
async fn the_family_of_429_is_told_apart_by_details() {
    let servers = Servers::start().await;
    let refuse = async |name: &str| {
        servers
            .fault(Gemini, json!({"error": name, "body_contains": "Honey"}))
            .await;
        let answer = servers.generate(&plain()).await;
        assert_error(&answer, 429, "RESOURCE_EXHAUSTED");
        answer.json()["error"].take()
    };
    for (name, quota, delay) in [
        ("perMinute", "PerMinute", "1.5s"),
        ("perDay", "PerDay", "2s"),
    ] {
        let error = refuse(name).await;
        assert!(text(&error["details"][0]["violations"][0]["quotaId"]).contains(quota));
        assert_eq!(error["details"][2]["retryDelay"], delay);
    }
    assert!(refuse("noDetails").await.get("details").is_none());
    assert!(text(&refuse("limitZero").await["message"]).contains("limit: 0"));
    assert_eq!(
        refuse("longDelay").await["details"][2]["retryDelay"],
        "3600s"
    );
}

#[tokio::test]
async fn transient_failures_end_and_every_attempt_is_counted() {
    let servers = Servers::start().await;
    let names = ["internal", "html502", "overloaded", "deadline"];
    let faults: Vec<Value> = names.iter().map(|name| json!({"error": name})).collect();
    servers.fault(Gemini, json!(faults)).await;
    for status in [500, 502, 503, 504, 200] {
        assert_eq!(servers.generate(&plain()).await.status, status);
    }
    let calls = servers
        .calls(Gemini, "operation=generateContent")
        .await
        .json();
    assert_eq!(calls["count"], 5);
    let state = servers.state(Gemini).await;
    assert_eq!(
        state["calls"], 1,
        "a failure before the effect is not an answer"
    );
}

#[tokio::test]
async fn tokens_are_counted_by_length_in_one_of_two_forms() {
    let servers = Servers::start().await;
    let contents = json!([{"parts": [{"text": "x".repeat(399)}]}]);
    let count = async |body: Value| servers.ask_model(MODEL, "countTokens", &body).await;
    let short = count(json!({"contents": contents})).await;
    assert_eq!(short.json()["totalTokens"], 100);
    let system = json!({"parts": [{"text": "y".repeat(400)}]});
    let inner = json!({"model": "models/x", "contents": contents, "systemInstruction": system});
    let long = count(json!({"generateContentRequest": inner})).await;
    assert!(long.json()["totalTokens"].as_u64() > Some(199));
    let both = json!({"contents": contents, "generateContentRequest": {"contents": contents}});
    assert_eq!(count(both).await.status, 400);
}

#[tokio::test]
async fn models_are_listed_in_pages_and_some_lack_fields() {
    let servers = Servers::start().await;
    servers.knobs(Gemini, json!({"models_page_size": 10})).await;
    let page = async |token: &str| {
        let path = format!("v1beta/models?pageSize=1000&pageToken={token}");
        send(servers.gemini(Method::GET, &path)).await.json()
    };
    let first = page("").await;
    assert_eq!(list(&first["models"]).len(), 10);
    let second = page(text(&first["nextPageToken"])).await;
    assert!(second.get("nextPageToken").is_none());
    let mut all = list(&first["models"]).iter().chain(list(&second["models"]));
    assert!(all.any(|model| model.get("topK").is_none()));
}

#[tokio::test]
async fn requests_are_kept_without_the_key() {
    let servers = Servers::start().await;
    let url = format!(
        "{}/v1beta/models/{MODEL}:generateContent",
        servers.urls.gemini
    );
    let request = servers
        .http
        .post(url)
        .header("x-goog-api-key", "very-secret");
    send(request.json(&plain())).await;
    let url = format!(
        "{}/_control/requests?body_contains=Honey",
        servers.urls.gemini
    );
    let kept = servers.get(url).await;
    assert_eq!(kept.json()["count"], 1);
    assert_eq!(kept.json()["requests"][0]["body"]["store"], false);
    assert!(!kept.text.contains("very-secret"));
}
