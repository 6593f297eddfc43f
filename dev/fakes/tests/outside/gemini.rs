//! The Generative Language API.

use serde_json::{Value, json};

use crate::support::{Answer, Stand, send, try_send};

const MODEL: &str = "gemini-3.8-flash";

fn titles() -> Value {
    json!({"type": "OBJECT", "required": ["title", "lines"], "properties": {"title": {"type": "STRING"},
        "lines": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 3, "maxItems": 4}}})
}

fn request(config: Value) -> Value {
    let mut config = config;
    config["responseMimeType"] = json!("application/json");
    if config.get("responseJsonSchema").is_none() && config.get("responseSchema").is_none() {
        config["responseSchema"] = titles();
    }
    json!({"contents": [{"role": "user", "parts": [{"text": "Honey never spoils. Why?"}]}], "generationConfig": config, "store": false})
}

fn plain() -> Value {
    request(json!({"maxOutputTokens": 4096, "thinkingConfig": {"thinkingLevel": "LOW"}}))
}

impl Stand {
    async fn gemini(&self, model: &str, verb: &str, body: &Value) -> Answer {
        let url = format!("{}/v1beta/models/{model}:{verb}", self.urls.gemini);
        send(self.http.post(url).header("x-goog-api-key", "k").json(body)).await
    }
    async fn generate(&self, body: &Value) -> Answer {
        self.gemini(MODEL, "generateContent", body).await
    }
    async fn answered(&self, answer: Value) -> Answer {
        self.fault(&self.urls.gemini, json!({"answer": answer}))
            .await;
        self.generate(&plain()).await
    }
    async fn streamed(&self, answer: Value) -> Result<Answer, reqwest::Error> {
        if !answer.is_null() {
            self.fault(&self.urls.gemini, json!({"answer": answer}))
                .await;
        }
        let url = format!(
            "{}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse",
            self.urls.gemini
        );
        try_send(
            self.http
                .post(url)
                .header("x-goog-api-key", "k")
                .json(&plain()),
        )
        .await
    }
}

fn text(body: &Value) -> String {
    let parts = body["candidates"][0]["content"]["parts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    parts
        .iter()
        .filter(|part| part["thought"] != true)
        .filter_map(|part| part["text"].as_str())
        .collect()
}

fn events(text: &str) -> Vec<Value> {
    text.split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .map(|json| serde_json::from_str(json).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn only_the_documented_paths_exist() {
    let stand = Stand::start().await;
    for path in ["v1beta/models/x:explode", "v2/models", "anything"] {
        let answer = send(
            stand
                .http
                .post(format!("{}/{path}", stand.urls.gemini))
                .header("x-goog-api-key", "k"),
        )
        .await;
        assert!(
            answer.status == 404 && answer.text.starts_with("<!DOCTYPE html>"),
            "{path}"
        );
    }
    let model = send(
        stand
            .http
            .get(format!("{}/v1beta/models/{MODEL}", stand.urls.gemini))
            .header("x-goog-api-key", "k"),
    )
    .await;
    assert_eq!(model.json()["name"], format!("models/{MODEL}"));
}

#[tokio::test]
async fn a_wrong_key_is_400_a_missing_one_403_and_a_key_in_the_query_is_noted() {
    let stand = Stand::start().await;
    let url = format!(
        "{}/v1beta/models/{MODEL}:generateContent",
        stand.urls.gemini
    );
    let wrong = send(
        stand
            .http
            .post(&url)
            .header("x-goog-api-key", "wrong")
            .json(&plain()),
    )
    .await;
    assert_eq!(
        (
            wrong.status,
            wrong.json()["error"]["details"][0]["reason"].as_str()
        ),
        (400, Some("API_KEY_INVALID"))
    );
    let missing = send(stand.http.post(&url).json(&plain())).await;
    assert_eq!(
        (missing.status, missing.json()["error"]["status"].as_str()),
        (403, Some("PERMISSION_DENIED"))
    );
    assert!(missing.json()["error"].get("details").is_none());
    stand
        .fault(&stand.urls.gemini, json!({"error": "suspended"}))
        .await;
    let suspended = stand.generate(&plain()).await;
    assert!(suspended.status == 403 && suspended.text.contains("api_key:AIza"));
    send(
        stand
            .http
            .post(format!("{url}?key=k"))
            .header("x-goog-api-key", "k")
            .json(&plain()),
    )
    .await;
    assert_eq!(
        stand.state(&stand.urls.gemini).await["violations"],
        json!(["an API key in the query"])
    );
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name_and_both_spellings_are_taken() {
    let stand = Stand::start().await;
    let mut body = plain();
    body["generationConfig"]["includeThoughts"] = json!(true);
    let answer = stand.generate(&body).await;
    assert_eq!(answer.status, 400);
    let message = "Invalid JSON payload received. Unknown name \"includeThoughts\" at 'generation_config': Cannot find field.";
    assert_eq!(answer.json()["error"]["message"], message);
    assert_eq!(
        answer.json()["error"]["details"][0]["fieldViolations"][0]["field"],
        "generation_config"
    );
    let snake = json!({"contents": [{"parts": [{"text": "hi"}]}], "system_instruction": {"parts": [{"text": "be brief"}]},
        "generation_config": {"max_output_tokens": 1000, "response_mime_type": "application/json", "response_schema": titles()}});
    let answer = stand.generate(&snake).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(serde_json::from_str::<Value>(&text(&answer.json())).is_ok());
}

#[tokio::test]
async fn fields_that_do_not_go_together_are_refused() {
    let stand = Stand::start().await;
    let schema = titles();
    let mut repeated = titles();
    repeated["type"] = json!(["OBJECT", "NULL"]);
    let mut additional = titles();
    additional["additionalProperties"] = json!(false);
    let mut no_mime = plain();
    no_mime["generationConfig"]["responseMimeType"] = json!("text/plain");
    let cases = [
        request(json!({"responseSchema": schema, "responseJsonSchema": {"type": "object"}})),
        request(json!({"responseSchema": additional})),
        request(json!({"responseSchema": repeated})),
        no_mime,
        request(json!({"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 5}})),
        request(json!({"thinkingConfig": {"thinkingLevel": "MINIMAL"}})),
        request(json!({"maxOutputTokens": 40_000})),
        request(json!({"responseJsonSchema": {"type": "object", "minLength": 4}})),
    ];
    for body in cases {
        let answer = stand.generate(&body).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["status"].as_str()),
            (400, Some("INVALID_ARGUMENT")),
            "{body}"
        );
    }
    let level = stand
        .gemini("gemini-2.5-flash", "generateContent", &plain())
        .await;
    assert_eq!(
        level.json()["error"]["message"],
        "Thinking level is not supported for this model."
    );
}

#[tokio::test]
async fn an_unknown_model_is_not_found_and_a_retired_one_is_answered_by_another() {
    let stand = Stand::start().await;
    let unknown = stand.gemini("gemini-1", "generateContent", &plain()).await;
    assert_eq!(
        (unknown.status, unknown.json()["error"]["status"].as_str()),
        (404, Some("NOT_FOUND"))
    );
    assert_eq!(
        stand
            .gemini("gemini-3.7-flash", "generateContent", &plain())
            .await
            .json()["modelVersion"],
        "gemini-3.8-flash"
    );
    let v1 = format!(
        "{}/v1/models/gemini-flash-latest:generateContent",
        stand.urls.gemini
    );
    assert_eq!(
        send(
            stand
                .http
                .post(v1)
                .header("x-goog-api-key", "k")
                .json(&plain())
        )
        .await
        .status,
        404,
        "aliases are on v1beta only"
    );
}

#[tokio::test]
async fn an_answer_keeps_to_the_schema_and_its_usage_adds_up() {
    let stand = Stand::start().await;
    let body = stand.generate(&plain()).await.json();
    assert_eq!(body["candidates"][0]["finishReason"], "STOP");
    let value: Value = serde_json::from_str(&text(&body)).expect("JSON");
    assert!(value["title"].is_string());
    assert!((3..=4).contains(&value["lines"].as_array().map_or(0, Vec::len)));
    let usage = |name: &str| body["usageMetadata"][name].as_u64().unwrap_or(0);
    assert!(usage("thoughtsTokenCount") > 0);
    assert_eq!(
        usage("promptTokenCount") + usage("thoughtsTokenCount") + usage("candidatesTokenCount"),
        usage("totalTokenCount")
    );
    assert!(
        body["responseId"].is_string() && body.get("trafficType").is_some(),
        "with fields that nobody documented"
    );
    let state = stand.state(&stand.urls.gemini).await;
    assert_eq!(
        (state["calls"].as_u64(), state["tokens"]["total"].as_u64()),
        (Some(1), Some(usage("totalTokenCount")))
    );
    assert_eq!(
        text(&stand.generate(&plain()).await.json()),
        text(&body),
        "the same request, the same answer"
    );
}

#[tokio::test]
async fn a_json_schema_is_kept_to_as_well() {
    let stand = Stand::start().await;
    let schema = json!({"type": "object", "required": ["n", "tone"], "properties": {"n": {"type": "integer", "minimum": 8, "maximum": 9}, "tone": {"enum": ["calm", "loud"]}}});
    let body = stand
        .generate(&request(json!({"responseJsonSchema": schema})))
        .await
        .json();
    let value: Value = serde_json::from_str(&text(&body)).expect("JSON");
    assert!(
        (8..=9).contains(&value["n"].as_i64().unwrap_or(0))
            && ["calm", "loud"].contains(&value["tone"].as_str().unwrap_or("?"))
    );
}

#[tokio::test]
async fn what_may_be_left_out_can_be_left_out() {
    let stand = Stand::start().await;
    let zero = stand.answered(json!("zero_omission")).await.json();
    assert!(
        zero["candidates"][0].get("index").is_none()
            && zero["usageMetadata"].get("thoughtsTokenCount").is_none()
    );
    assert!(
        stand
            .answered(json!("no_usage"))
            .await
            .json()
            .get("usageMetadata")
            .is_none()
    );
}

#[tokio::test]
async fn text_may_come_in_parts_among_thoughts() {
    let stand = Stand::start().await;
    let body = stand.answered(json!("multi_part")).await.json();
    let parts = body["candidates"][0]["content"]["parts"]
        .as_array()
        .expect("parts");
    assert_eq!(
        (parts.len(), &parts[0]["thought"], &parts[2]["text"]),
        (4, &json!(true), &json!(""))
    );
    assert!(serde_json::from_str::<Value>(&text(&body)).is_ok());
}

#[tokio::test]
async fn a_blocked_prompt_has_feedback_and_no_candidates() {
    let stand = Stand::start().await;
    let blocked = stand
        .answered(json!({"kind": "prompt_blocked", "reason": "PROHIBITED_CONTENT"}))
        .await;
    assert_eq!(
        (
            blocked.status,
            blocked.json()["promptFeedback"]["blockReason"].as_str()
        ),
        (200, Some("PROHIBITED_CONTENT"))
    );
    assert!(blocked.json().get("candidates").is_none());
    let fine = stand.answered(json!("prompt_feedback")).await.json();
    assert!(
        fine["promptFeedback"].get("blockReason").is_none()
            && fine["candidates"][0]["finishReason"] == "STOP"
    );
}

#[tokio::test]
async fn a_blocked_answer_has_no_content() {
    let stand = Stand::start().await;
    for reason in ["SAFETY", "PROHIBITED_CONTENT", "RECITATION"] {
        let body = stand
            .answered(json!({"kind": "output_blocked", "reason": reason}))
            .await
            .json();
        assert_eq!(body["candidates"][0]["finishReason"], reason);
        assert!(body["candidates"][0].get("content").is_none());
        let blocked = body["candidates"][0]["safetyRatings"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|rating| rating["blocked"] == true);
        assert_eq!(blocked, reason == "SAFETY");
    }
}

#[tokio::test]
async fn truncation_cuts_json_or_leaves_nothing() {
    let stand = Stand::start().await;
    let cut = stand.answered(json!("max_tokens")).await.json();
    assert_eq!(cut["candidates"][0]["finishReason"], "MAX_TOKENS");
    assert!(serde_json::from_str::<Value>(&text(&cut)).is_err() && !text(&cut).is_empty());
    let none = stand.answered(json!("max_tokens_empty")).await.json();
    assert!(none["candidates"][0]["content"].get("parts").is_none());
    assert!(none["usageMetadata"]["thoughtsTokenCount"].as_u64() > Some(4_000));
    let small = stand
        .generate(&request(json!({"maxOutputTokens": 20})))
        .await
        .json();
    assert_eq!(
        small["candidates"][0]["finishReason"], "MAX_TOKENS",
        "thinking alone uses a small cap up"
    );
}

#[tokio::test]
async fn empty_and_odd_answers_can_be_had() {
    let stand = Stand::start().await;
    let empty = stand.answered(json!("empty")).await.json();
    assert!(empty["candidates"][0]["finishReason"] == "STOP" && text(&empty).is_empty());
    assert_eq!(
        stand.answered(json!("no_candidates")).await.json()["candidates"],
        json!([])
    );
    assert_eq!(
        stand
            .answered(json!({"kind": "finish_reason", "reason": "SOMETHING_NEW"}))
            .await
            .json()["candidates"][0]["finishReason"],
        "SOMETHING_NEW"
    );
    assert!(
        stand.answered(json!("no_finish_reason")).await.json()["candidates"][0]
            .get("finishReason")
            .is_none()
    );
}

#[tokio::test]
async fn structured_output_can_be_bad_in_three_ways() {
    let stand = Stand::start().await;
    let broken: Value =
        serde_json::from_str(&text(&stand.answered(json!("breaks_schema")).await.json()))
            .expect("JSON all the same");
    assert!(broken.get("title").is_none());
    assert!(text(&stand.answered(json!("fenced")).await.json()).starts_with("```json\n"));
    assert!(
        serde_json::from_str::<Value>(&text(&stand.answered(json!("invalid_json")).await.json()))
            .is_err()
    );
    let given = stand
        .answered(json!({"json": {"title": "mine", "lines": []}}))
        .await
        .json();
    let given: Value = serde_json::from_str(&text(&given)).expect("the JSON that was given");
    assert_eq!(given, json!({"title": "mine", "lines": []}));
}

#[tokio::test]
async fn the_family_of_429_is_told_apart_by_details() {
    let stand = Stand::start().await;
    let refuse = async |name: &str| {
        stand
            .fault(
                &stand.urls.gemini,
                json!({"error": name, "body_contains": "Honey"}),
            )
            .await;
        let answer = stand.generate(&plain()).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["status"].as_str()),
            (429, Some("RESOURCE_EXHAUSTED")),
            "{name}"
        );
        answer.json()["error"].clone()
    };
    let minute = refuse("perMinute").await;
    assert!(
        minute["details"][0]["violations"][0]["quotaId"]
            .as_str()
            .is_some_and(|id| id.contains("PerMinute"))
    );
    assert_eq!(minute["details"][2]["retryDelay"], "1.5s");
    let day = refuse("perDay").await;
    assert!(
        day["details"][0]["violations"][0]["quotaId"]
            .as_str()
            .is_some_and(|id| id.contains("PerDay"))
    );
    assert_eq!(day["details"][2]["retryDelay"], "2s");
    assert!(refuse("noDetails").await.get("details").is_none());
    assert!(
        refuse("limitZero").await["message"]
            .as_str()
            .is_some_and(|text| text.contains("limit: 0"))
    );
    assert_eq!(
        refuse("longDelay").await["details"][2]["retryDelay"],
        "3600s"
    );
}

#[tokio::test]
async fn transient_failures_end_and_every_attempt_is_counted() {
    let stand = Stand::start().await;
    stand.fault(&stand.urls.gemini, json!([{"error": "internal"}, {"error": "html502"}, {"error": "overloaded"}, {"error": "deadline"}])).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(stand.generate(&plain()).await.status);
    }
    assert_eq!(seen, [500, 502, 503, 504, 200]);
    let calls = send(stand.http.get(format!(
        "{}/_control/calls?operation=generateContent",
        stand.urls.gemini
    )))
    .await
    .json();
    assert_eq!(calls["count"], 5);
    assert_eq!(
        stand.state(&stand.urls.gemini).await["calls"],
        1,
        "a failure before the effect is not an answer"
    );
}

#[tokio::test]
async fn errors_of_streams_may_come_in_an_array() {
    let stand = Stand::start().await;
    stand
        .fault(&stand.urls.gemini, json!({"error": "arrayWrapped"}))
        .await;
    let answer = stand.streamed(Value::Null).await.expect("an answer");
    assert_eq!(
        (answer.status, answer.json()[0]["error"]["code"].as_u64()),
        (429, Some(429))
    );
}

#[tokio::test]
async fn a_stream_is_data_lines_with_growing_usage_and_no_end_mark() {
    let stand = Stand::start().await;
    let answer = stand.streamed(Value::Null).await.expect("an answer");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(!answer.text.contains("[DONE]"));
    let events = events(&answer.text);
    assert!(events.len() > 3);
    let whole: String = events.iter().map(text).collect();
    assert!(serde_json::from_str::<Value>(&whole).is_ok(), "{whole}");
    let totals: Vec<u64> = events
        .iter()
        .filter_map(|event| event["usageMetadata"]["totalTokenCount"].as_u64())
        .collect();
    assert!(totals.windows(2).all(|pair| pair[0] <= pair[1]) && totals.first() < totals.last());
    let ends: Vec<bool> = events
        .iter()
        .map(|event| event["candidates"][0].get("finishReason").is_some())
        .collect();
    assert_eq!(ends.iter().filter(|end| **end).count(), 1);
    assert_eq!(ends.last(), Some(&true));
    assert_eq!(whole, text(&stand.generate(&plain()).await.json()));
}

#[tokio::test]
async fn streams_can_be_awkward_to_read() {
    let stand = Stand::start().await;
    assert!(
        stand
            .streamed(json!("crlf"))
            .await
            .expect("an answer")
            .text
            .contains("\r\n\r\n")
    );
    assert!(
        stand
            .streamed(json!("u2028"))
            .await
            .expect("an answer")
            .text
            .contains('\u{2028}')
    );
    assert!(
        stand
            .streamed(json!("comment"))
            .await
            .expect("an answer")
            .text
            .contains("\n\n: keep-alive\n\n")
    );
    let split = stand
        .streamed(json!("split_utf8"))
        .await
        .expect("an answer");
    assert!(split.text.contains("é→"), "whole again at the end");
}

#[tokio::test]
async fn streams_can_break_in_the_middle() {
    let stand = Stand::start().await;
    assert!(stand.streamed(json!("cut_mid_stream")).await.is_err());
    let closed = events(
        &stand
            .streamed(json!("closed_early"))
            .await
            .expect("an answer")
            .text,
    );
    assert!(
        closed
            .iter()
            .all(|event| event["candidates"][0].get("finishReason").is_none())
    );
    let event = events(
        &stand
            .streamed(json!("error_event"))
            .await
            .expect("an answer")
            .text,
    );
    assert_eq!(
        event.last().map(|event| event["error"]["code"].clone()),
        Some(json!(503))
    );
    let bare = stand
        .streamed(json!("bare_error"))
        .await
        .expect("an answer")
        .text;
    assert!(bare.contains("\n\n{\n  \"error\""));
    let safety = events(
        &stand
            .streamed(json!("safety_last"))
            .await
            .expect("an answer")
            .text,
    );
    assert_eq!(
        safety
            .last()
            .map(|event| event["candidates"][0]["finishReason"].clone()),
        Some(json!("SAFETY"))
    );
    let blocked = events(
        &stand
            .streamed(json!("prompt_blocked"))
            .await
            .expect("an answer")
            .text,
    );
    assert_eq!(blocked.len(), 1);
}

#[tokio::test]
async fn without_sse_a_stream_is_an_array() {
    let stand = Stand::start().await;
    let answer = stand.gemini(MODEL, "streamGenerateContent", &plain()).await;
    assert!(
        answer
            .json()
            .as_array()
            .is_some_and(|chunks| chunks.len() > 3)
    );
}

#[tokio::test]
async fn headers_and_chunks_can_be_slow() {
    let stand = Stand::start().await;
    stand
        .knobs(
            &stand.urls.gemini,
            json!({"body_contains": "Honey", "header_delay_ms": 60, "chunk_delay_ms": 10}),
        )
        .await;
    let before = std::time::Instant::now();
    let answer = stand.streamed(Value::Null).await.expect("an answer");
    let least = 60 + 10 * (events(&answer.text).len() as u128 - 1);
    assert!(before.elapsed().as_millis() >= least);
}

#[tokio::test]
async fn tokens_are_counted_by_length_in_one_of_two_forms() {
    let stand = Stand::start().await;
    let contents = json!([{"parts": [{"text": "x".repeat(399)}]}]);
    let short = json!({"contents": contents});
    let long = json!({"generateContentRequest": {"model": "models/x", "contents": contents, "systemInstruction": {"parts": [{"text": "y".repeat(400)}]}}});
    assert_eq!(
        stand.gemini(MODEL, "countTokens", &short).await.json()["totalTokens"],
        100
    );
    assert!(
        stand.gemini(MODEL, "countTokens", &long).await.json()["totalTokens"].as_u64() > Some(199)
    );
    let both = json!({"contents": contents, "generateContentRequest": {"contents": contents}});
    assert_eq!(stand.gemini(MODEL, "countTokens", &both).await.status, 400);
}

#[tokio::test]
async fn models_are_listed_in_pages_and_some_lack_fields() {
    let stand = Stand::start().await;
    stand
        .knobs(&stand.urls.gemini, json!({"models_page_size": 10}))
        .await;
    let list = async |page: &str| {
        send(
            stand
                .http
                .get(format!(
                    "{}/v1beta/models?pageSize=1000&pageToken={page}",
                    stand.urls.gemini
                ))
                .header("x-goog-api-key", "k"),
        )
        .await
        .json()
    };
    let first = list("").await;
    assert_eq!(first["models"].as_array().map(Vec::len), Some(10));
    let second = list(first["nextPageToken"].as_str().unwrap_or_default()).await;
    assert!(second.get("nextPageToken").is_none());
    let all = [first["models"].clone(), second["models"].clone()];
    assert!(
        all.iter()
            .flat_map(|page| page.as_array().cloned().unwrap_or_default())
            .any(|model| model.get("topK").is_none())
    );
}

#[tokio::test]
async fn requests_are_kept_without_the_key() {
    let stand = Stand::start().await;
    let url = format!(
        "{}/v1beta/models/{MODEL}:generateContent",
        stand.urls.gemini
    );
    send(
        stand
            .http
            .post(url)
            .header("x-goog-api-key", "very-secret")
            .json(&plain()),
    )
    .await;
    let kept = send(stand.http.get(format!(
        "{}/_control/requests?body_contains=Honey",
        stand.urls.gemini
    )))
    .await;
    assert_eq!(
        (
            kept.json()["count"].as_u64(),
            &kept.json()["requests"][0]["body"]["store"]
        ),
        (Some(1), &json!(false))
    );
    assert!(!kept.text.contains("very-secret"));
}
