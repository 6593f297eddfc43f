use serde_json::{Value, json};

use super::*;

fn read(body: Value) -> Answer {
    Answer::read(serde_json::from_value(body).unwrap())
}

fn finished(reason: &str) -> Outcome {
    read(json!({"candidates": [{"content": {"parts": [{"text": "abc"}]}, "finishReason": reason}]}))
        .outcome
}

#[test]
fn a_success_gives_text_usage_and_the_model_that_answered() {
    let answer = read(json!({
        "candidates": [{"content": {"role": "model", "parts": [{"text": "{}"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 58, "candidatesTokenCount": 820, "thoughtsTokenCount": 1477,
            "totalTokenCount": 2355, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 58}]},
        "modelVersion": "gemini-3.8-flash", "responseId": "opaque", "somethingNew": {"a": 1}
    }));
    assert_eq!(answer.outcome, Outcome::Complete("{}".to_owned()));
    let usage = answer.usage.unwrap();
    assert_eq!((usage.billed_input(), usage.billed_output()), (58, 2297));
    assert_eq!(answer.model_version.as_deref(), Some("gemini-3.8-flash"));
}

#[test]
fn zero_values_may_be_left_out_and_numbers_may_be_strings() {
    let answer = read(json!({
        "candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": "58", "totalTokenCount": 58}
    }));
    let usage = answer.usage.unwrap();
    assert_eq!((usage.prompt_token_count, usage.billed_output()), (58, 0));
    assert_eq!(
        read(json!({"candidates": [{"finishReason": "STOP"}]})).usage,
        None
    );
}

#[test]
fn cached_tokens_are_part_of_the_prompt() {
    let usage: Usage =
        serde_json::from_value(json!({"promptTokenCount": 100, "cachedContentTokenCount": 60}))
            .unwrap();
    assert_eq!((usage.billed_input(), usage.billed_cached()), (40, 60));
}

#[test]
fn thoughts_and_empty_parts_are_skipped_and_the_rest_is_joined() {
    let answer = read(json!({"candidates": [{"content": {"parts": [
        {"text": "thinking", "thought": true}, {"text": "{\"a\":"},
        {"text": "", "thoughtSignature": "c2ln"}, {"thoughtSignature": "c2ln"}, {"text": "1}"}
    ]}, "finishReason": "STOP"}]}));
    assert_eq!(answer.outcome, Outcome::Complete("{\"a\":1}".to_owned()));
}

#[test]
fn a_blocked_prompt_is_told_from_feedback_without_a_reason() {
    let blocked = read(
        json!({"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": [
        {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": true},
        {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "LOW"}]}}),
    );
    assert_eq!(
        blocked.outcome,
        Outcome::Blocked {
            stage: Stage::Prompt,
            reason: "SAFETY".to_owned(),
            categories: vec!["HARM_CATEGORY_HARASSMENT".to_owned()]
        }
    );
    let fine = read(json!({"promptFeedback": {"safetyRatings": []},
        "candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]}));
    assert_eq!(fine.outcome, Outcome::Complete("x".to_owned()));
}

#[test]
fn a_blocked_output_has_no_text_to_read() {
    let answer = read(
        json!({"candidates": [{"finishReason": "SAFETY", "safetyRatings": [
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": true}]}]}),
    );
    let Outcome::Blocked {
        stage: Stage::Output,
        reason,
        categories,
    } = answer.outcome
    else {
        panic!()
    };
    assert_eq!((reason.as_str(), categories.len()), ("SAFETY", 1));
    for reason in ["PROHIBITED_CONTENT", "BLOCKLIST", "SPII"] {
        assert!(
            matches!(finished(reason), Outcome::Blocked { .. }),
            "{reason}"
        );
    }
}

#[test]
fn truncation_is_never_taken_for_an_answer() {
    assert_eq!(
        finished("MAX_TOKENS"),
        Outcome::Truncated {
            partial: "abc".to_owned()
        }
    );
    assert_eq!(
        finished("CONTINUATION"),
        Outcome::Truncated {
            partial: "abc".to_owned()
        }
    );
    let spent = read(
        json!({"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": {"promptTokenCount": 10, "thoughtsTokenCount": 4090, "totalTokenCount": 4100}}),
    );
    assert_eq!(
        spent.outcome,
        Outcome::Truncated {
            partial: String::new()
        }
    );
    assert_eq!(spent.usage.unwrap().billed_output(), 4090);
}

#[test]
fn odd_ends_keep_the_word_of_the_service() {
    for body in [
        json!({"candidates": []}),
        json!({}),
        json!({"candidates": [{"finishReason": "STOP"}]}),
    ] {
        assert_eq!(read(body).outcome, Outcome::Empty);
    }
    let new = finished("SOMETHING_NEW");
    assert!(
        matches!(&new, Outcome::Failed { finish_reason, .. } if finish_reason == "SOMETHING_NEW")
    );
    assert!(!new.worth_asking_again());
    let absent = read(json!({"candidates": [{"content": {"parts": [{"text": "x"}]}}]})).outcome;
    assert!(absent.worth_asking_again());
    assert!(finished("OTHER").worth_asking_again());
    assert!(finished("RECITATION").worth_asking_again());
    assert!(!finished("LANGUAGE").worth_asking_again());
}
