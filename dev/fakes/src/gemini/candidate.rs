//! The one candidate of an answer, as a fault may want it.

use serde_json::{Value, json};

use super::prompt::tokens;
use crate::FaultEffect;

pub(crate) struct Candidate {
    /// The words that are billed as output.
    pub(crate) text: String,
    /// The parts that are sent instead of one part with the text.
    parts: Option<Vec<Value>>,
    pub(crate) thoughts: u64,
    cap: u64,
    finish: Option<String>,
}

impl Candidate {
    /// A candidate of these words, cut where the cap on tokens wants it.
    pub(crate) fn new(mut text: String, thoughts: u64, cap: u64) -> Self {
        let left = cap.saturating_sub(thoughts);
        let is_cut = left == 0 || tokens(&text) > left;
        if is_cut {
            text = text.chars().take(left as usize * 4).collect();
        }
        let finish = Some(if is_cut { "MAX_TOKENS" } else { "STOP" }.to_owned());
        Self {
            text,
            parts: None,
            thoughts: thoughts.min(cap),
            cap,
            finish,
        }
    }

    /// Changes what a fault wants changed.
    pub(crate) fn apply(&mut self, effect: &FaultEffect) {
        let one = |text: String| Some(vec![json!({"text": text})]);
        match effect.kind().unwrap_or_default() {
            "prompt_blocked" => {
                self.text.clear();
                self.thoughts = 0;
            }
            "output_blocked" => {
                self.finish = Some(reason(effect, "SAFETY").to_owned());
                self.text.clear();
            }
            "max_tokens" => {
                let half = self.text.chars().count() / 2;
                self.text = self.text.chars().take(half).collect();
                self.finish = Some("MAX_TOKENS".to_owned());
            }
            "max_tokens_empty" => {
                self.text.clear();
                self.thoughts = self.cap.saturating_sub(1);
                self.finish = Some("MAX_TOKENS".to_owned());
            }
            "empty" => self.text.clear(),
            "finish_reason" => self.finish = Some(reason(effect, "SOMETHING_NEW").to_owned()),
            "no_finish_reason" => self.finish = None,
            "breaks_schema" => self.parts = one("{\"unexpected\":[1,2,3]}".to_owned()),
            "fenced" => self.parts = one(format!("```json\n{}\n```", self.text)),
            "invalid_json" => self.parts = one(format!("{},]", self.text)),
            "multi_part" => self.parts = Some(among_thoughts(&self.text)),
            _ => {}
        }
    }

    pub(crate) fn body(&self, effect: &FaultEffect) -> Value {
        let is_blocked = effect.kind() == Some("output_blocked");
        let blocked = is_blocked && self.finish.as_deref() == Some("SAFETY");
        let mut body = json!({
            "index": 0, "safetyRatings": ratings(blocked.then_some("HARASSMENT")),
        });
        if !is_blocked {
            body["content"] = json!({"role": "model"});
            let is_cut = self.finish.as_deref() == Some("MAX_TOKENS");
            if !(is_cut && self.text.is_empty()) {
                let whole = || vec![json!({"text": self.text})];
                body["content"]["parts"] = json!(self.parts.clone().unwrap_or_else(whole));
            }
        }
        if let Some(reason) = &self.finish {
            body["finishReason"] = json!(reason);
        }
        body
    }
}

/// The reason that a fault gives.
pub(crate) fn reason<'a>(effect: &'a FaultEffect, default: &'a str) -> &'a str {
    effect
        .field("reason")
        .and_then(Value::as_str)
        .unwrap_or(default)
}

/// The text in two parts, among a thought and a signature.
fn among_thoughts(text: &str) -> Vec<Value> {
    let half = text.char_indices().nth(text.chars().count() / 2);
    let (first, second) = text.split_at(half.map_or(0, |(at, _)| at));
    vec![
        json!({"text": "First I weigh what worked before.", "thought": true}),
        json!({"text": first}),
        json!({"text": "", "thoughtSignature": "c2lnbmF0dXJl"}),
        json!({"text": second}),
    ]
}

pub(crate) fn ratings(blocked: Option<&str>) -> Value {
    let kinds = [
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
    ];
    let rating = |kind: &str| {
        let category = format!("HARM_CATEGORY_{kind}");
        match blocked == Some(kind) {
            true => json!({"category": category, "probability": "HIGH", "blocked": true}),
            false => json!({"category": category, "probability": "NEGLIGIBLE"}),
        }
    };
    kinds.into_iter().map(rating).collect()
}
