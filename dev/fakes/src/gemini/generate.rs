//! A whole answer.

use serde_json::{Value, json};

use super::candidate::{Candidate, ratings, reason};
use super::compose;
use super::models::Model;
use super::prompt::{Prompt, tokens};
use super::store::Settings;
use crate::{Call, Failure, FaultEffect, World, lock, short_id};

pub(crate) fn generate(
    world: &World,
    call: &Call,
    model: &Model,
    settings: &Settings,
    streaming: bool,
) -> Result<Value, Failure> {
    let effect = &call.effect;
    let prompt = Prompt::read(&call.body, model, settings, streaming)?;
    let seed = format!("{}/{}", world.seed, String::from_utf8_lossy(&call.body));
    let text = words(&prompt, effect, &seed);
    let mut candidate = Candidate::new(text, prompt.thoughts, prompt.cap);
    candidate.apply(effect);

    let mut body = json!({"modelVersion": model.answers_as, "modelStatus": {"modelStage": "STABLE"}, "trafficType": "ON_DEMAND"});
    match effect.kind().unwrap_or_default() {
        "prompt_blocked" => {
            let ratings = ratings(Some("DANGEROUS_CONTENT"));
            body["promptFeedback"] =
                json!({"blockReason": reason(effect, "SAFETY"), "safetyRatings": ratings});
        }
        "no_candidates" => body["candidates"] = json!([]),
        "prompt_feedback" => {
            body["promptFeedback"] = json!({"safetyRatings": ratings(None)});
            body["candidates"] = json!([candidate.body(effect)]);
        }
        _ => body["candidates"] = json!([candidate.body(effect)]),
    }
    if effect.kind() != Some("no_usage") {
        body["usageMetadata"] = usage(&prompt, &candidate);
    }
    if effect.kind() == Some("zero_omission") {
        omit_zeros(&mut body, &prompt);
    }
    body["responseId"] = json!(account_for(world, model, &prompt, &candidate));
    Ok(body)
}

/// The words of the answer: those that a fault gives, or composed ones.
fn words(prompt: &Prompt, effect: &FaultEffect, seed: &str) -> String {
    if let Some(json) = effect.field("json") {
        return json.to_string();
    }
    if let Some(text) = effect.field("text").and_then(Value::as_str) {
        return text.to_owned();
    }
    match &prompt.schema {
        Some(schema) => compose::structured(schema, &prompt.text, seed, &prompt.mime),
        None if prompt.mime == "application/json" => compose::free_json(&prompt.text, seed),
        None => compose::prose(&prompt.text, seed),
    }
}

fn usage(prompt: &Prompt, candidate: &Candidate) -> Value {
    let (tokens, thoughts) = (tokens(&candidate.text), candidate.thoughts);
    let mut usage = json!({
        "promptTokenCount": prompt.tokens, "totalTokenCount": prompt.tokens + thoughts + tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt.tokens}], "serviceTier": "standard",
    });
    if tokens > 0 {
        usage["candidatesTokenCount"] = json!(tokens);
    }
    if thoughts > 0 {
        usage["thoughtsTokenCount"] = json!(thoughts);
    }
    usage
}

/// Leaves out what may be left out when it is zero.
fn omit_zeros(body: &mut Value, prompt: &Prompt) {
    if let Some(usage) = body["usageMetadata"].as_object_mut() {
        usage.remove("candidatesTokenCount");
        usage.remove("thoughtsTokenCount");
        usage.insert("totalTokenCount".to_owned(), json!(prompt.tokens));
    }
    if let Some(candidate) = body["candidates"][0].as_object_mut() {
        candidate.remove("index");
    }
}

/// Counts the answer and gives it an id.
fn account_for(world: &World, model: &Model, prompt: &Prompt, candidate: &Candidate) -> String {
    let mut gemini = lock(&world.gemini);
    gemini.serial += 1;
    gemini.answered += 1;
    gemini.prompt_tokens += prompt.tokens;
    gemini.candidates_tokens += tokens(&candidate.text);
    gemini.thoughts_tokens += candidate.thoughts;
    *gemini
        .by_model
        .entry(model.answers_as.to_owned())
        .or_default() += 1;
    let (seed, serial) = (world.seed.to_string(), gemini.serial.to_string());
    short_id(&["response", &seed, &serial], 22)
}
