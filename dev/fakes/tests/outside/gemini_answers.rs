//! Whole answers of the Generative Language API.

use fakes::Service::Gemini;
use serde_json::{Value, json};

use crate::{
    gemini::{plain, request, words, words_json},
    support::{Servers, list},
};

fn finish_reason(body: &Value) -> &Value {
    &body["candidates"][0]["finishReason"]
}

#[tokio::test]
async fn an_answer_keeps_to_the_schema_and_its_usage_adds_up() {
    let servers = Servers::start().await;
    let body = servers.generate(&plain()).await.json();
    assert_eq!(*finish_reason(&body), "STOP");
    let value = words_json(&body);
    assert!(value["title"].is_string());
    assert!((3..=4).contains(&list(&value["lines"]).len()));
    let usage = |name: &str| body["usageMetadata"][name].as_u64().expect("a number");
    let (prompt, thoughts) = (usage("promptTokenCount"), usage("thoughtsTokenCount"));
    let total = usage("totalTokenCount");
    assert!(thoughts > 0);
    assert_eq!(prompt + thoughts + usage("candidatesTokenCount"), total);
    assert!(body["responseId"].is_string());
    assert!(
        body["trafficType"].is_string(),
        "with fields that nobody documented"
    );
    let state = servers.state(Gemini).await;
    assert_eq!(
        (&state["calls"], &state["tokens"]["total"]),
        (&json!(1), &json!(total))
    );
    let again = servers.generate(&plain()).await.json();
    assert_eq!(
        words(&again),
        words(&body),
        "the same request, the same answer"
    );
}

#[tokio::test]
async fn a_json_schema_is_kept_to_as_well() {
    let servers = Servers::start().await;
    let schema = json!({"type": "object", "required": ["n", "tone"], "properties": {"n": {"type": "integer", "minimum": 8, "maximum": 9}, "tone": {"enum": ["calm", "loud"]}}});
    let body = servers
        .generate(&request(json!({"responseJsonSchema": schema})))
        .await
        .json();
    let value = words_json(&body);
    assert!(value["n"] == 8 || value["n"] == 9);
    assert!(value["tone"] == "calm" || value["tone"] == "loud");
}

#[tokio::test]
async fn what_may_be_left_out_can_be_left_out() {
    let servers = Servers::start().await;
    let zero = servers.answered(json!("zero_omission")).await;
    assert!(zero["candidates"][0].get("index").is_none());
    assert!(zero["usageMetadata"].get("thoughtsTokenCount").is_none());
    assert!(
        servers
            .answered(json!("no_usage"))
            .await
            .get("usageMetadata")
            .is_none()
    );
}

#[tokio::test]
async fn text_may_come_in_parts_among_thoughts() {
    let servers = Servers::start().await;
    let body = servers.answered(json!("multi_part")).await;
    let parts = list(&body["candidates"][0]["content"]["parts"]);
    assert_eq!(parts.len(), 4);
    assert_eq!(
        (&parts[0]["thought"], &parts[2]["text"]),
        (&json!(true), &json!(""))
    );
    assert!(words_json(&body).is_object());
}

#[tokio::test]
async fn a_blocked_prompt_has_feedback_and_no_candidates() {
    let servers = Servers::start().await;
    let answer = json!({"kind": "prompt_blocked", "reason": "PROHIBITED_CONTENT"});
    let blocked = servers.answered(answer).await;
    assert_eq!(
        blocked["promptFeedback"]["blockReason"],
        "PROHIBITED_CONTENT"
    );
    assert!(blocked.get("candidates").is_none());
    let fine = servers.answered(json!("prompt_feedback")).await;
    assert!(fine["promptFeedback"].get("blockReason").is_none());
    assert_eq!(*finish_reason(&fine), "STOP");
}

#[tokio::test]
async fn a_blocked_answer_has_no_content() {
    let servers = Servers::start().await;
    for reason in ["SAFETY", "PROHIBITED_CONTENT", "RECITATION"] {
        let body = servers
            .answered(json!({"kind": "output_blocked", "reason": reason}))
            .await;
        assert_eq!(*finish_reason(&body), reason);
        let candidate = &body["candidates"][0];
        assert!(candidate.get("content").is_none());
        let mut ratings = list(&candidate["safetyRatings"]).iter();
        assert_eq!(
            ratings.any(|rating| rating["blocked"] == true),
            reason == "SAFETY"
        );
    }
}

#[tokio::test]
async fn truncation_cuts_json_or_leaves_nothing() {
    let servers = Servers::start().await;
    let cut = servers.answered(json!("max_tokens")).await;
    assert_eq!(*finish_reason(&cut), "MAX_TOKENS");
    let words = words(&cut);
    assert!(!words.is_empty() && serde_json::from_str::<Value>(&words).is_err());
    let none = servers.answered(json!("max_tokens_empty")).await;
    assert!(none["candidates"][0]["content"].get("parts").is_none());
    assert!(none["usageMetadata"]["thoughtsTokenCount"].as_u64() > Some(4_000));
    let small = servers
        .generate(&request(json!({"maxOutputTokens": 20})))
        .await
        .json();
    assert_eq!(
        *finish_reason(&small),
        "MAX_TOKENS",
        "thinking alone uses a small cap up"
    );
}

#[tokio::test]
async fn empty_and_odd_answers_can_be_had() {
    let servers = Servers::start().await;
    let empty = servers.answered(json!("empty")).await;
    assert_eq!(
        (finish_reason(&empty), words(&empty)),
        (&json!("STOP"), String::new())
    );
    let none = servers.answered(json!("no_candidates")).await;
    assert_eq!(none["candidates"], json!([]));
    let answer = json!({"kind": "finish_reason", "reason": "SOMETHING_NEW"});
    assert_eq!(
        *finish_reason(&servers.answered(answer).await),
        "SOMETHING_NEW"
    );
    let unfinished = servers.answered(json!("no_finish_reason")).await;
    assert!(unfinished["candidates"][0].get("finishReason").is_none());
}

#[tokio::test]
async fn structured_output_can_be_bad_in_three_ways() {
    let servers = Servers::start().await;
    let broken = servers.answered(json!("breaks_schema")).await;
    assert!(
        words_json(&broken).get("title").is_none(),
        "JSON all the same"
    );
    let fenced = servers.answered(json!("fenced")).await;
    assert!(words(&fenced).starts_with("```json\n"));
    let invalid = servers.answered(json!("invalid_json")).await;
    assert!(serde_json::from_str::<Value>(&words(&invalid)).is_err());
}

#[tokio::test]
async fn the_words_can_be_given() {
    let servers = Servers::start().await;
    let given = json!({"title": "mine", "lines": []});
    assert_eq!(
        words_json(&servers.answered(json!({"json": given})).await),
        given
    );
    assert_eq!(
        words(&servers.answered(json!({"text": "mine"})).await),
        "mine"
    );
}
