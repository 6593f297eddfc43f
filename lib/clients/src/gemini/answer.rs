//! What comes back. Status 200 is not success: a blocked prompt, an empty answer and a truncated one all arrive with
//! it, and [`Answer::read`] is the one place that tells them apart.

use super::response::{Response, SafetyRating};
use super::usage::Usage;
use serde::Serialize;

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

fn blocking(ratings: &[SafetyRating]) -> Vec<String> {
    ratings
        .iter()
        .filter(|rating| rating.blocked)
        .map(|rating| rating.category.clone())
        .collect()
}

#[cfg(test)]
mod tests;
