//! What comes back. Status 200 is not success: a blocked prompt, an empty answer and a truncated one all arrive with
//! it, and [`Answer::read`] is the one place that tells them apart.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A response as sent, or one chunk of a stream. Everything is optional in practice and names are added over time, so
/// nothing unknown is refused and reasons stay strings until they are classified.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response {
    pub(super) candidates: Vec<Candidate>,
    pub(super) prompt_feedback: Option<PromptFeedback>,
    pub(super) usage_metadata: Option<Usage>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Candidate {
    pub(super) content: Option<Content>,
    pub(super) finish_reason: Option<String>,
    pub(super) safety_ratings: Vec<SafetyRating>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    pub(super) text: Option<String>,
    pub(super) thought: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PromptFeedback {
    pub(super) block_reason: Option<String>,
    pub(super) safety_ratings: Vec<SafetyRating>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SafetyRating {
    pub(super) category: String,
    pub(super) blocked: bool,
}

/// The tokens of one answer. Zero values are left out on the wire, and 64-bit numbers may be strings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase"), default)]
pub struct Usage {
    /// All input, cached input included.
    #[serde(rename(serialize = "input_tokens"), deserialize_with = "count")]
    pub prompt_token_count: u64,
    /// The part of the input that came from the cache.
    #[serde(rename(serialize = "cached_tokens"), deserialize_with = "count")]
    pub cached_content_token_count: u64,
    /// Visible output.
    #[serde(rename(serialize = "output_tokens"), deserialize_with = "count")]
    pub candidates_token_count: u64,
    /// Thinking, billed as output.
    #[serde(rename(serialize = "thinking_tokens"), deserialize_with = "count")]
    pub thoughts_token_count: u64,
    /// Results of tools fed back as input; we send no tools.
    #[serde(rename(serialize = "tool_tokens"), deserialize_with = "count")]
    pub tool_use_prompt_token_count: u64,
    /// The service's own sum.
    #[serde(rename(serialize = "total_tokens"), deserialize_with = "count")]
    pub total_token_count: u64,
}

impl Usage {
    /// Input billed at the full price.
    #[must_use]
    pub fn billed_input(&self) -> u64 {
        self.prompt_token_count
            .saturating_sub(self.cached_content_token_count)
            + self.tool_use_prompt_token_count
    }

    /// Input billed at the price of cached tokens.
    #[must_use]
    pub fn billed_cached(&self) -> u64 {
        self.cached_content_token_count.min(self.prompt_token_count)
    }

    /// Output, thinking included.
    #[must_use]
    pub fn billed_output(&self) -> u64 {
        self.candidates_token_count + self.thoughts_token_count
    }

    /// Both together: for several calls of one generation, never for the chunks of one stream.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt_token_count: self.prompt_token_count + other.prompt_token_count,
            cached_content_token_count: self.cached_content_token_count
                + other.cached_content_token_count,
            candidates_token_count: self.candidates_token_count + other.candidates_token_count,
            thoughts_token_count: self.thoughts_token_count + other.thoughts_token_count,
            tool_use_prompt_token_count: self.tool_use_prompt_token_count
                + other.tool_use_prompt_token_count,
            total_token_count: self.total_token_count + other.total_token_count,
        }
    }
}

/// A count in proto JSON: a number, or a string of digits.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Count;
    impl de::Visitor<'_> for Count {
        type Value = u64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a count as a number or as a string of digits")
        }
        fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }
        fn visit_i64<E>(self, value: i64) -> Result<u64, E> {
            Ok(u64::try_from(value).unwrap_or(0))
        }
        fn visit_f64<E>(self, value: f64) -> Result<u64, E> {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counts are far below 2^53"
            )]
            Ok(value.max(0.0) as u64)
        }
        fn visit_str<E: de::Error>(self, value: &str) -> Result<u64, E> {
            value
                .parse()
                .map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
        }
        fn visit_unit<E>(self) -> Result<u64, E> {
            Ok(0)
        }
    }
    deserializer.deserialize_any(Count)
}

/// Where a block happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before anything was generated.
    Prompt,
    /// While the answer was being written.
    Output,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The model finished; the text of all parts that are not thoughts.
    Complete(String),
    /// The cap was reached (or a further hop was offered). A cut JSON text is never repaired.
    Truncated {
        /// What came before the cut; may be empty, since thinking is spent first.
        partial: String,
    },
    /// A filter refused. The same request would be refused again.
    Blocked {
        /// Prompt or answer.
        stage: Stage,
        /// The service's word for it.
        reason: String,
        /// The categories marked as blocking.
        categories: Vec<String>,
    },
    /// The answer repeated a source too closely; a changed prompt may pass.
    Recited,
    /// The service says it finished, with nothing in it.
    Empty,
    /// Any other end, with the service's word for it.
    Failed {
        /// The finish reason as sent, or `ABSENT`.
        finish_reason: String,
        /// What was written before.
        partial: String,
    },
}

impl Outcome {
    /// Whether asking once more can help.
    #[must_use]
    pub fn worth_asking_again(&self) -> bool {
        match self {
            Self::Recited | Self::Empty => true,
            Self::Failed { finish_reason, .. } => {
                matches!(
                    finish_reason.as_str(),
                    "MALFORMED_RESPONSE" | "OTHER" | "ABSENT"
                )
            }
            Self::Complete(_) | Self::Truncated { .. } | Self::Blocked { .. } => false,
        }
    }
}

/// One answer with what is needed to account for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// The model that answered, which need not be the one asked for.
    pub model_version: Option<String>,
    /// The service's id of the answer.
    pub response_id: Option<String>,
    /// The tokens; absent means that the cost is unknown, not zero.
    pub usage: Option<Usage>,
}

impl Answer {
    /// Reads a complete response, in the order in which the signs have to be looked at.
    pub(super) fn read(response: Response) -> Self {
        let outcome = outcome(&response);
        Self {
            outcome,
            model_version: response
                .model_version
                .map(|model| super::models::bare(&model).to_owned()),
            response_id: response.response_id,
            usage: response.usage_metadata,
        }
    }
}

fn outcome(response: &Response) -> Outcome {
    if let Some(feedback) = &response.prompt_feedback
        && let Some(reason) = &feedback.block_reason
    {
        return Outcome::Blocked {
            stage: Stage::Prompt,
            reason: reason.clone(),
            categories: blocking(&feedback.safety_ratings),
        };
    }
    let Some(candidate) = response.candidates.first() else {
        return Outcome::Empty;
    };
    let text = candidate.text();
    match candidate.finish_reason.as_deref() {
        Some("STOP") if text.trim().is_empty() => Outcome::Empty,
        Some("STOP") => Outcome::Complete(text),
        Some("MAX_TOKENS" | "CONTINUATION") => Outcome::Truncated { partial: text },
        Some("RECITATION" | "IMAGE_RECITATION") => Outcome::Recited,
        Some(
            reason @ ("SAFETY"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"),
        ) => Outcome::Blocked {
            stage: Stage::Output,
            reason: reason.to_owned(),
            categories: blocking(&candidate.safety_ratings),
        },
        Some(other) => Outcome::Failed {
            finish_reason: other.to_owned(),
            partial: text,
        },
        None => Outcome::Failed {
            finish_reason: "ABSENT".to_owned(),
            partial: text,
        },
    }
}

impl Candidate {
    /// The text of all parts that are not thoughts; JSON may be split across parts.
    pub(super) fn text(&self) -> String {
        self.content
            .iter()
            .flat_map(|content| &content.parts)
            .filter(|part| !part.thought)
            .filter_map(|part| part.text.as_deref())
            .collect()
    }
}

fn blocking(ratings: &[SafetyRating]) -> Vec<String> {
    ratings
        .iter()
        .filter(|rating| rating.blocked)
        .map(|rating| rating.category.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(body: Value) -> Answer {
        Answer::read(serde_json::from_value(body).unwrap())
    }

    fn finished(reason: &str) -> Outcome {
        read(json!({"candidates": [{"content": {"parts": [{"text": "abc"}]}, "finishReason": reason}]})).outcome
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
}
