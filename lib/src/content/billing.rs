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
    let most = prompt.max_output_tokens.into();
    (prompt.estimated_input_tokens(), most)
}

impl Call {
    /// What a call brought and cost.
    pub(super) fn new(
        number: usize,
        gemini: &Gemini,
        prices: &PriceList,
        prompt: &Prompt,
        answer: &Result<Answer, Error>,
    ) -> Self {
        let (outcome, raw) = result(answer);
        // Postgres keeps no NUL in a text.
        let raw = raw
            .filter(|raw| !raw.is_empty())
            .map(|raw| raw.replace('\0', "\u{fffd}"));
        let (cost_micros, cost_basis) = cost(gemini.model(), prices, prompt, answer);
        let (model_answered, response_id, usage) = match answer {
            Ok(answer) => (
                answer.model_version.clone(),
                answer.response_id.clone(),
                answer.usage,
            ),
            Err(Error::Cut { usage, .. }) => (None, None, *usage),
            Err(_) => (None, None, None),
        };
        Self {
            call: number,
            outcome,
            raw,
            model_answered,
            response_id,
            usage,
            cost_micros,
            cost_basis,
        }
    }
}

/// Tokens that were not reported are unknown, not none.
fn cost(
    asked: &str,
    prices: &PriceList,
    prompt: &Prompt,
    answer: &Result<Answer, Error>,
) -> (Micros, CostBasis) {
    let now = platform::clock::now();
    match answer {
        Ok(Answer {
            usage: Some(usage),
            model_version,
            ..
        }) => {
            let model = model_version.as_deref().unwrap_or(asked);
            (prices.cost(model, usage, now), CostBasis::Reported)
        }
        Err(error) if !error.may_be_billed() => (Micros(0), CostBasis::None),
        _ => {
            let (input, output) = tokens(prompt);
            let most = prices.ceiling(asked, input, output, now);
            (most, CostBasis::Assumed)
        }
    }
}

/// The name of a call's end, and the text that came.
fn result(answer: &Result<Answer, Error>) -> (&'static str, Option<&str>) {
    match answer {
        Ok(answer) => match &answer.outcome {
            Outcome::Complete(text) => ("complete", Some(text)),
            Outcome::Truncated { partial } => ("truncated", Some(partial)),
            Outcome::Blocked {
                stage: Stage::Prompt,
                ..
            } => ("prompt_blocked", None),
            Outcome::Blocked {
                stage: Stage::Output,
                ..
            } => ("output_blocked", None),
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
