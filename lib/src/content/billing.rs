//! What the calls to the model cost.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use clients::gemini::{Answer, Error, Gemini, Micros, Outcome, PriceList, Prompt, Stage, Usage};

/// One answer of the model, for the private record and the account.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    /// Counted from 1.
    pub(super) call: usize,
    /// How it ended.
    pub(super) outcome: &'static str,
    /// The text as it came.
    pub(super) raw: Option<String>,
    pub(super) model_answered: Option<String>,
    /// The service's id of the answer.
    pub(super) response_id: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) cost_micros: Micros,
    pub(super) cost_basis: CostBasis,
}

/// How a cost is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostBasis {
    /// Nothing was billed.
    None,
    /// From the tokens that the service reported.
    Reported,
    /// The call may have been billed, so the most it can have cost is counted.
    Assumed,
}

/// The most that writing this can cost: the call, and a second one that is shown the first answer.
pub(super) fn ceiling(prices: &PriceList, model: &str, prompt: &Prompt, now: Timestamp) -> Micros {
    let (input, output) = tokens(prompt);
    prices.ceiling(model, input, output, now)
        + prices.ceiling(model, input + output + 1024, output, now)
}

/// The most tokens that a call reads and writes.
fn tokens(prompt: &Prompt) -> (u64, u64) {
    (
        prompt.estimated_input_tokens(),
        prompt.max_output_tokens.into(),
    )
}

impl Call {
    /// What a call brought and cost. Tokens that were not reported are unknown, not none.
    pub(super) fn new(
        number: usize,
        gemini: &Gemini,
        prices: &PriceList,
        prompt: &Prompt,
        answer: &Result<Answer, Error>,
    ) -> Self {
        let now = platform::clock::now();
        let asked = gemini.model();
        let (input, output) = tokens(prompt);
        let assumed = || {
            (
                prices.ceiling(asked, input, output, now),
                CostBasis::Assumed,
            )
        };
        let (outcome, raw) = result(answer);
        // Postgres keeps no NUL in a text.
        let raw = raw
            .map(|raw| raw.replace('\0', "\u{fffd}"))
            .filter(|raw| !raw.is_empty());
        let usage = match answer {
            Ok(answer) => answer.usage,
            Err(Error::Cut { usage, .. }) => *usage,
            Err(_) => None,
        };
        let model_answered = answer
            .as_ref()
            .ok()
            .and_then(|answer| answer.model_version.clone());
        let (cost_micros, cost_basis) = match (answer, &usage) {
            (Ok(_), Some(usage)) => {
                let model = model_answered.as_deref().unwrap_or(asked);
                (prices.cost(model, usage, now), CostBasis::Reported)
            }
            (Ok(_), None) => assumed(),
            (Err(error), _) if error.may_be_billed() => assumed(),
            (Err(_), _) => (Micros(0), CostBasis::None),
        };
        Self {
            call: number,
            outcome,
            raw,
            model_answered,
            response_id: answer
                .as_ref()
                .ok()
                .and_then(|answer| answer.response_id.clone()),
            usage,
            cost_micros,
            cost_basis,
        }
    }
}

/// The name of a call's end, and the text that came.
fn result(answer: &Result<Answer, Error>) -> (&'static str, Option<&str>) {
    match answer {
        Ok(answer) => match &answer.outcome {
            Outcome::Complete(text) => ("complete", Some(text)),
            Outcome::Truncated { partial } => ("truncated", Some(partial)),
            Outcome::Blocked { stage, .. } => match stage {
                Stage::Prompt => ("prompt_blocked", None),
                Stage::Output => ("output_blocked", None),
            },
            Outcome::Recited => ("recitation", None),
            Outcome::Empty => ("empty", None),
            Outcome::Failed { partial, .. } => ("stopped", Some(partial)),
        },
        Err(Error::Cut { partial, .. }) => ("cut", Some(partial)),
        Err(Error::TimedOut) => ("timed_out", None),
        Err(Error::Unreadable { .. }) => ("unreadable", None),
        Err(_) => ("refused", None),
    }
}
