//! What an answer of the model is worth: an output, or a failure that another call may put right.

use super::answer::{self, Unusable};
use super::failure::{Failure, FailureCode};
use super::material::Material;
use super::output::Output;
use super::prompt::Repair;
use clients::gemini::{Answer, Error, Outcome, Stage};

/// Why an answer gave no output, and what to ask for when asking again can help.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) failure: Box<Failure>,
    pub(super) repair: Option<Repair>,
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        Self {
            failure: Box::new(failure),
            repair: None,
        }
    }
}

impl Rejection {
    /// The same failure unless another answer, without the first one in sight, keeps to `rule`.
    fn or_ask_for(mut self, rule: &str) -> Self {
        self.repair = Some(Repair {
            answer: None,
            rules: vec![rule.to_owned()],
        });
        self
    }
}

/// Reads an answer to a prompt that was made from `material`.
pub(super) fn classify(
    answer: Result<Answer, Error>,
    material: &Material,
) -> Result<Output, Rejection> {
    let answer = answer.map_err(|error| Failure::unanswered(&error))?;
    let again = answer.outcome.worth_asking_again();
    let rejection = match answer.outcome {
        Outcome::Complete(text) => {
            return answer::read(material, &text).map_err(|unusable| unusable_answer(text, unusable));
        }
        Outcome::Truncated { .. } => Failure::new(
            FailureCode::Truncated,
            true,
            "The answer reached its limit before its end. Ask for less: a shorter video, or fewer items.",
        )
        .into(),
        Outcome::Blocked {
            stage,
            reason,
            categories,
        } => blocked(stage, reason, &categories).into(),
        Outcome::Recited => Rejection::from(Failure::new(
            FailureCode::Recitation,
            false,
            "The model repeated a source too closely. Describe the topic in other words.",
        ))
        .or_ask_for("use words of your own, quote nothing"),
        Outcome::Empty => Rejection::from(Failure::new(
            FailureCode::Empty,
            true,
            "The model answered with nothing. Generate again.",
        ))
        .or_ask_for("the answer must not be empty"),
        Outcome::Failed { finish_reason, .. } => {
            let message = "The model stopped before it was done. Generate again.";
            let stopped = Rejection::from(Failure {
                reason: Some(finish_reason),
                ..Failure::new(FailureCode::Stopped, again, message)
            });
            if again {
                stopped.or_ask_for("finish the answer")
            } else {
                stopped
            }
        }
    };
    Err(rejection)
}

/// A whole answer that cannot be used: it is shown to the model again with the rules that it breaks.
fn unusable_answer(text: String, unusable: Unusable) -> Rejection {
    let (failure, rules) = match unusable {
        Unusable::Broken(rules) => {
            let message =
                "The model gave no answer that keeps to the form and the limits. Generate again.";
            let failure = Failure {
                rules: rules.iter().take(10).cloned().collect(),
                ..Failure::new(FailureCode::Malformed, true, message)
            };
            (failure, rules)
        }
        Unusable::Banned(hit) => {
            let message = hit.explain("What the model wrote");
            let rule = format!("it must stay away from the topic \"{}\"", hit.topic);
            (
                Failure::new(FailureCode::BannedTopic, false, message),
                vec![rule],
            )
        }
    };
    Rejection {
        failure: Box::new(failure),
        repair: Some(Repair {
            answer: Some(text),
            rules,
        }),
    }
}

fn blocked(stage: Stage, reason: String, categories: &[String]) -> Failure {
    let (code, what) = match stage {
        Stage::Prompt => (
            FailureCode::PromptBlocked,
            "The model's safety filter refused the request",
        ),
        Stage::Output => (
            FailureCode::OutputBlocked,
            "The model's safety filter stopped the answer",
        ),
    };
    let names: Vec<String> = categories.iter().map(|name| category_name(name)).collect();
    let names = match names.join(", ") {
        names if names.is_empty() => names,
        names => format!(" ({names})"),
    };
    let message = format!(
        "{what}{names}. Change the topic or the notes; the same request would be refused again."
    );
    Failure {
        reason: Some(reason),
        ..Failure::new(code, false, message)
    }
}

/// `HARM_CATEGORY_HATE_SPEECH` in words.
fn category_name(category: &str) -> String {
    category
        .trim_start_matches("HARM_CATEGORY_")
        .to_lowercase()
        .replace('_', " ")
}

#[cfg(test)]
mod tests;
