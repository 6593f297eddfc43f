//! What comes back. Status 200 is not success: a blocked prompt, an empty answer and a truncated one all arrive with
//! it, and [`Answer::read`] is the one place that tells them apart.

use serde::{Deserialize, Serialize};

use super::usage::Usage;

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
    pub fn worth_asking_again(&self) -> bool {
        match self {
            Self::Recited | Self::Empty => true,
            Self::Failed { finish_reason, .. } => {
                ["MALFORMED_RESPONSE", "OTHER", "ABSENT"].contains(&finish_reason.as_str())
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
        Self {
            outcome: outcome(&response),
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
        other => Outcome::Failed {
            finish_reason: other.unwrap_or("ABSENT").to_owned(),
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
