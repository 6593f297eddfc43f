//! What an answer of the model is worth: an output, or a failure that another call may put right.

use super::answer::{self, Unusable};
use super::failure::{Failure, FailureCode};
use super::{material::Material, output::Output};
use clients::gemini::{Answer, Error, Outcome, Prompt, Stage, Turn};

/// Why an answer gave no output, and what to ask for when asking again can help.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) failure: Box<Failure>,
    pub(super) repair: Option<Repair>,
}

/// Reads an answer to a prompt that was made from `material`.
pub(super) fn classify(
    answer: Result<Answer, Error>,
    material: &Material,
) -> Result<Output, Rejection> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(rejection(Failure::unanswered(&error), None)),
    };
    let again = answer.outcome.worth_asking_again();
    let (failure, rule) = match answer.outcome {
        Outcome::Complete(text) => {
            return answer::read(material, &text)
                .map_err(|unusable| unusable_answer(text, unusable));
        }
        Outcome::Truncated { .. } => {
            let message = "The answer reached its limit before its end. Ask for less: a shorter video, or fewer items.";
            (Failure::new(FailureCode::Truncated, true, message), None)
        }
        Outcome::Blocked {
            stage,
            reason,
            categories,
        } => (blocked(stage, reason, &categories), None),
        Outcome::Recited => {
            let message =
                "The model repeated a source too closely. Describe the topic in other words.";
            let rule = "use words of your own, quote nothing";
            (
                Failure::new(FailureCode::Recitation, false, message),
                Some(rule),
            )
        }
        Outcome::Empty => {
            let message = "The model answered with nothing. Generate again.";
            let rule = "the answer must not be empty";
            (Failure::new(FailureCode::Empty, true, message), Some(rule))
        }
        Outcome::Failed { finish_reason, .. } => {
            let message = "The model stopped before it was done. Generate again.";
            let mut stopped = Failure::new(FailureCode::Stopped, again, message);
            stopped.reason = Some(finish_reason);
            (stopped, again.then_some("finish the answer"))
        }
    };
    Err(rejection(failure, rule))
}

/// A failure for good, unless another answer, without the first one in sight, keeps to `rule`.
fn rejection(failure: Failure, rule: Option<&str>) -> Rejection {
    let rules = rule.map(|rule| vec![rule.to_owned()]);
    Rejection {
        failure: Box::new(failure),
        repair: rules.map(|rules| Repair {
            answer: None,
            rules,
        }),
    }
}

/// A whole answer that cannot be used: it is shown to the model again with the rules that it breaks.
fn unusable_answer(text: String, unusable: Unusable) -> Rejection {
    let (failure, rules) = match unusable {
        Unusable::Broken(rules) => {
            let message =
                "The model gave no answer that keeps to the form and the limits. Generate again.";
            let mut failure = Failure::new(FailureCode::Malformed, true, message);
            failure.rules = rules.iter().take(10).cloned().collect();
            (failure, rules)
        }
        Unusable::Banned(hit) => {
            let message = hit.explain("What the model wrote");
            let rule = format!("it must stay away from the topic \"{}\"", hit.topic);
            let failure = Failure::new(FailureCode::BannedTopic, false, message);
            (failure, vec![rule])
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
        Stage::Prompt => (FailureCode::PromptBlocked, "refused the request"),
        Stage::Output => (FailureCode::OutputBlocked, "stopped the answer"),
    };
    let names: Vec<String> = categories.iter().map(|name| category_name(name)).collect();
    let names = match names.join(", ") {
        names if names.is_empty() => names,
        names => format!(" ({names})"),
    };
    let message = format!(
        "The model's safety filter {what}{names}. Change the topic or the notes; the same request would be refused again."
    );
    let mut failure = Failure::new(code, false, message);
    failure.reason = Some(reason);
    failure
}

/// `HARM_CATEGORY_HATE_SPEECH` in words.
fn category_name(category: &str) -> String {
    let name = category.trim_start_matches("HARM_CATEGORY_");
    name.to_lowercase().replace('_', " ")
}

/// What the model is told to put right.
#[derive(Debug)]
pub(in crate::content) struct Repair {
    /// The answer to put right, when there is one.
    pub(in crate::content) answer: Option<String>,
    /// The broken rules, in our own words only.
    pub(in crate::content) rules: Vec<String>,
}

impl Repair {
    /// The prompt with the answer and the rules that it broke.
    pub(in crate::content) fn prompt(self, prompt: &Prompt) -> Prompt {
        let mut again = prompt.clone();
        let rules = self.rules.iter().take(20);
        let rules: String = rules.map(|rule| format!("- {rule}\n")).collect();
        let request = match self.answer {
            Some(answer) => {
                again.turns.push(Turn::model(answer));
                format!(
                    "That answer breaks these rules:\n{rules}Write the whole answer again with only that put right."
                )
            }
            None => format!("Keep to this as well:\n{rules}"),
        };
        again.turns.push(Turn::user([request]));
        again
    }
}

#[cfg(test)]
mod tests;
