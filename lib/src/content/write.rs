//! The calls to the model: one, and one more when the first answer can be put right. What each of them cost is kept
//! whatever comes of it.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use utoipa::ToSchema;

use super::answer::{Reading, Unusable};
use super::output::Output;
use super::prompt;
use clients::gemini::{
    Answer, Error, Gemini, Micros, Outcome, PriceList, Prompt, Stage, Usage, models,
};

/// A second call is not begun with less time than this.
const TIME_TO_REPAIR: Duration = Duration::from_secs(8);

/// How a generation is coming along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The model writes; so many characters have come.
    Writing {
        /// Characters of this answer so far.
        characters: usize,
    },
    /// The answer broke rules and is written again.
    Repairing,
    /// The answer is checked and stored.
    Checking,
}

/// Told about progress.
pub type Listener = dyn FnMut(Progress) + Send;

/// One answer of the model, for the private record and the account.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Counted from 1.
    pub call: u32,
    /// How it ended.
    pub outcome: &'static str,
    /// The text as it came.
    pub raw: Option<String>,
    /// The model that answered.
    pub model_answered: Option<String>,
    /// The service's id of the answer.
    pub response_id: Option<String>,
    /// Its tokens.
    pub usage: Option<Usage>,
    /// What it cost.
    pub cost_micros: Micros,
    /// How that is known.
    pub cost_basis: CostBasis,
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

/// Why there is no output, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// The named state.
    pub code: FailureCode,
    /// What happened and what to do.
    pub message: String,
    /// Whether generating again may succeed without any change.
    pub retryable: bool,
    /// When to try again, at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// The model's own word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was wrong with the last answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// The states in which a generation can end without output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The model's filter refused the request.
    PromptBlocked,
    /// The model's filter refused what was being written.
    OutputBlocked,
    /// The model repeated a source too closely.
    Recitation,
    /// The answer reached its limit before its end.
    Truncated,
    /// There was nothing in the answer.
    Empty,
    /// The answer, put right once, still broke the form or the limits.
    Malformed,
    /// The answer, put right once, still touched a banned topic.
    BannedTopic,
    /// The model stopped for a reason of its own.
    Stopped,
    /// The model's service takes no more requests for now.
    RateLimited,
    /// The deployment's allowance at the model's service is used up.
    QuotaExhausted,
    /// The model's service is in trouble or cannot be reached.
    ProviderUnavailable,
    /// The model's service refuses the deployment's key, model or request.
    ProviderRefused,
    /// The connection broke while the answer came.
    ConnectionLost,
    /// No answer in time.
    TimedOut,
    /// The process ended before the answer was stored.
    Interrupted,
}

impl Failure {
    fn new(code: FailureCode, retryable: bool, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable,
            retry_at: None,
            reason: None,
            rules: Vec::new(),
        }
    }

    fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    fn until(mut self, at: Option<Timestamp>) -> Self {
        self.retry_at = at;
        self
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Written {
    /// The output, or why there is none.
    pub result: Result<Output, Failure>,
    /// Every call, in order. One that was recorded already stands here too.
    pub calls: Vec<Call>,
    /// The model that answered last.
    pub model_answered: Option<String>,
}

/// Keeps a call before another is made.
pub trait Recorder: Send + Sync {
    /// Stores it; a failure to do so is the recorder's own affair.
    fn record<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, ()>;
}

/// The most that writing this can cost: the call, and a second one that is shown the first answer.
#[must_use]
pub fn ceiling(prices: &PriceList, model: &str, prompt: &Prompt, now: Timestamp) -> Micros {
    let (input, output) = (
        prompt.estimated_input_tokens(),
        u64::from(prompt.max_output_tokens),
    );
    prices.ceiling(model, input, output, now)
        + prices.ceiling(model, input + output + 1024, output, now)
}

/// How the model is asked.
#[derive(Debug)]
pub struct Writer<'a> {
    /// The model.
    pub gemini: &'a Gemini,
    /// Its prices.
    pub prices: &'a PriceList,
    /// Whether the answer is read as it comes.
    pub streaming: bool,
    /// When the last answer must be there.
    pub deadline: Instant,
}

impl Writer<'_> {
    /// Writes, checks, and where it can help asks once more.
    pub async fn write(
        &self,
        prompt: &Prompt,
        reading: &Reading<'_>,
        recorder: &dyn Recorder,
        listener: &mut Listener,
    ) -> Written {
        let mut written = Written {
            result: Err(interrupted()),
            calls: Vec::new(),
            model_answered: None,
        };
        let first = self.ask_model(prompt, &mut written, listener).await;
        let fault = match judge(first, reading) {
            Ok(output) => return done(written, Ok(output)),
            Err(fault) => fault,
        };
        let left = self.deadline.saturating_duration_since(Instant::now());
        let Some(again) = fault.again.filter(|_| left >= TIME_TO_REPAIR) else {
            return done(written, Err(*fault.failure));
        };
        if let Some(call) = written.calls.last() {
            recorder.record(call).await;
        }
        info!(failure = ?fault.failure.code, "the answer is asked for once more");
        listener(Progress::Repairing);
        let again = prompt::repair(prompt, again.answer, &again.rules);
        let second = self.ask_model(&again, &mut written, listener).await;
        let result = judge(second, reading).map_err(|fault| *fault.failure);
        done(written, result)
    }

    async fn ask_model(
        &self,
        prompt: &Prompt,
        written: &mut Written,
        listener: &mut Listener,
    ) -> Result<Answer, Error> {
        let answer = if self.streaming {
            let mut characters = 0;
            let mut told = 0;
            listener(Progress::Writing { characters });
            self.gemini
                .stream(prompt, self.deadline, &mut |text| {
                    characters += text.chars().count();
                    if characters >= told + 100 {
                        told = characters;
                        listener(Progress::Writing { characters });
                    }
                })
                .await
        } else {
            listener(Progress::Writing { characters: 0 });
            self.gemini.generate(prompt, self.deadline).await
        };
        let number = u32::try_from(written.calls.len() + 1).unwrap_or(u32::MAX);
        let call = self.account(number, prompt, &answer);
        if let Some(model) = &call.model_answered {
            if !models::same_family(self.gemini.model(), model) {
                warn!(asked = self.gemini.model(), answered = %model, "another model answered than was asked for");
            }
            written.model_answered = Some(model.clone());
        }
        written.calls.push(call);
        answer
    }

    /// What a call cost. Tokens that were not reported are unknown, not none.
    fn account(&self, number: u32, prompt: &Prompt, answer: &Result<Answer, Error>) -> Call {
        let now = platform::clock::now();
        let asked = self.gemini.model();
        let most = || {
            let (input, output) = (
                prompt.estimated_input_tokens(),
                prompt.max_output_tokens.into(),
            );
            (
                self.prices.ceiling(asked, input, output, now),
                CostBasis::Assumed,
            )
        };
        let mut call = Call {
            call: number,
            outcome: "",
            raw: None,
            model_answered: None,
            response_id: None,
            usage: None,
            cost_micros: Micros(0),
            cost_basis: CostBasis::None,
        };
        match answer {
            Ok(answer) => {
                (call.outcome, call.raw) = match &answer.outcome {
                    Outcome::Complete(text) => ("complete", Some(text.clone())),
                    Outcome::Truncated { partial } => ("truncated", Some(partial.clone())),
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
                    Outcome::Failed { partial, .. } => ("stopped", Some(partial.clone())),
                };
                call.model_answered.clone_from(&answer.model_version);
                call.response_id.clone_from(&answer.response_id);
                call.usage = answer.usage;
                let model = answer.model_version.as_deref().unwrap_or(asked);
                (call.cost_micros, call.cost_basis) = match &answer.usage {
                    Some(usage) => (self.prices.cost(model, usage, now), CostBasis::Reported),
                    None => most(),
                };
            }
            Err(error) => {
                call.outcome = match error {
                    Error::Cut { .. } => "cut",
                    Error::TimedOut => "timed_out",
                    Error::Unreadable { .. } => "unreadable",
                    _ => "refused",
                };
                if let Error::Cut { partial, usage } = error {
                    call.raw = Some(partial.clone());
                    call.usage = *usage;
                }
                if error.may_be_billed() {
                    (call.cost_micros, call.cost_basis) = most();
                }
            }
        }
        // Postgres keeps no NUL in a text.
        call.raw = call
            .raw
            .map(|raw| raw.replace('\0', "\u{fffd}"))
            .filter(|raw| !raw.is_empty());
        call
    }
}

fn done(written: Written, result: Result<Output, Failure>) -> Written {
    Written { result, ..written }
}

fn interrupted() -> Failure {
    Failure::new(
        FailureCode::Interrupted,
        true,
        "The work was interrupted. Generate again.",
    )
}

/// What was wrong, and how asking again could help.
struct Fault {
    failure: Box<Failure>,
    again: Option<Again>,
}

struct Again {
    /// The answer to put right, when there is one.
    answer: Option<String>,
    /// What to keep to.
    rules: Vec<String>,
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self {
            failure: Box::new(failure),
            again: None,
        }
    }
}

fn judge(answer: Result<Answer, Error>, reading: &Reading<'_>) -> Result<Output, Fault> {
    let answer = answer.map_err(|error| Fault::from(unanswered(&error)))?;
    let again = answer.outcome.worth_asking_again();
    match answer.outcome {
        Outcome::Complete(text) => reading.read(&text).map_err(|unusable| match unusable {
            Unusable::Broken(rules) => Fault {
                failure: Box::new(Failure {
                    rules: rules.iter().take(10).cloned().collect(),
                    ..Failure::new(
                        FailureCode::Malformed,
                        true,
                        "The model gave no answer that keeps to the form and the limits. Generate again.",
                    )
                }),
                again: Some(Again { answer: Some(text), rules }),
            },
            Unusable::Banned(hit) => Fault {
                failure: Box::new(Failure::new(FailureCode::BannedTopic, false, hit.explain("What the model wrote"))),
                again: Some(Again {
                    answer: Some(text),
                    rules: vec![format!("it must stay away from the topic \"{}\"", hit.topic)],
                }),
            },
        }),
        Outcome::Truncated { .. } => Err(Failure::new(
            FailureCode::Truncated,
            true,
            "The answer reached its limit before its end. Ask for less: a shorter video, or fewer items.",
        )
        .into()),
        Outcome::Blocked { stage, reason, categories } => {
            let (code, what) = match stage {
                Stage::Prompt => (FailureCode::PromptBlocked, "The model's safety filter refused the request"),
                Stage::Output => (FailureCode::OutputBlocked, "The model's safety filter stopped the answer"),
            };
            let named = categories.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
            let named = if named.is_empty() { String::new() } else { format!(" ({named})") };
            let message = format!("{what}{named}. Change the topic or the notes; the same request would be refused again.");
            Err(Failure::new(code, false, message).because(reason).into())
        }
        Outcome::Recited => Err(Fault {
            failure: Box::new(Failure::new(
                FailureCode::Recitation,
                false,
                "The model repeated a source too closely. Describe the topic in other words.",
            )),
            again: Some(Again { answer: None, rules: vec!["use words of your own, quote nothing".to_owned()] }),
        }),
        Outcome::Empty => Err(Fault {
            failure: Box::new(Failure::new(FailureCode::Empty, true, "The model answered with nothing. Generate again.")),
            again: Some(Again { answer: None, rules: vec!["the answer must not be empty".to_owned()] }),
        }),
        Outcome::Failed { finish_reason, .. } => Err(Fault {
            failure: Box::new(
                Failure::new(FailureCode::Stopped, again, "The model stopped before it was done. Generate again.")
                    .because(finish_reason),
            ),
            again: again.then(|| Again { answer: None, rules: vec!["finish the answer".to_owned()] }),
        }),
    }
}

/// `HARM_CATEGORY_HATE_SPEECH` in words.
fn plain(category: &str) -> String {
    category
        .trim_start_matches("HARM_CATEGORY_")
        .to_lowercase()
        .replace('_', " ")
}

fn unanswered(error: &Error) -> Failure {
    let now = platform::clock::now();
    let in_a_while = |after: Option<Duration>| {
        let after =
            jiff::SignedDuration::try_from(after.unwrap_or(Duration::from_secs(30))).ok()?;
        now.checked_add(after).ok()
    };
    warn!(error = %error, "the model gave no answer");
    match error {
        Error::RateLimited { after } => {
            Failure::new(FailureCode::RateLimited, true, "The model's service takes no more requests for now. Try again shortly.")
                .until(in_a_while(*after))
        }
        Error::QuotaExhausted { until, .. } => Failure::new(
            FailureCode::QuotaExhausted,
            until.is_some(),
            "This deployment's allowance at the model's service is used up. Try again later, or ask its operator.",
        )
        .until(*until),
        Error::Unavailable { after, .. } => {
            Failure::new(FailureCode::ProviderUnavailable, true, "The model's service is in trouble. Try again shortly.")
                .until(in_a_while(*after))
        }
        Error::NotReached(_) => {
            Failure::new(FailureCode::ProviderUnavailable, true, "The model's service cannot be reached. Try again shortly.")
                .until(in_a_while(None))
        }
        Error::TimedOut => Failure::new(
            FailureCode::TimedOut,
            true,
            "The model did not answer in time. It may have been paid for, so the most it can have cost is counted. Generate again.",
        ),
        Error::Cut { .. } | Error::Unreadable { .. } => Failure::new(
            FailureCode::ConnectionLost,
            true,
            "The answer broke off on its way. It may have been paid for, so the most it can have cost is counted. Generate again.",
        ),
        Error::KeyRefused { .. } | Error::NotAllowed { .. } | Error::UnknownModel | Error::Rejected { .. } => {
            tracing::error!(error = %error, "the model's service refuses this deployment");
            Failure::new(
                FailureCode::ProviderRefused,
                false,
                "The model's service refuses this deployment's key, model or request. Its operator has to mend that.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::kind::ContentKind;
    use crate::content::topics::Topics;

    fn answer(outcome: Outcome) -> Result<Answer, Error> {
        Ok(Answer {
            outcome,
            model_version: None,
            response_id: None,
            usage: None,
        })
    }

    fn judged(answer: Result<Answer, Error>) -> (FailureCode, bool, bool) {
        let topics = Topics::new(&["casino"]);
        let reading = Reading {
            kind: ContentKind::Titles,
            count: 1,
            inspirations: &[],
            chapter_starts: &[],
            link_blocks: &[],
            topics: &topics,
            rewrite: None,
        };
        let fault = judge(answer, &reading).unwrap_err();
        (
            fault.failure.code,
            fault.failure.retryable,
            fault.again.is_some(),
        )
    }

    #[test]
    fn every_end_has_its_name_and_only_some_are_asked_again() {
        let titles = |title: &str| {
            Outcome::Complete(format!(r#"{{"titles":[{{"title":"{title}","why":"w"}}]}}"#))
        };
        let blocked = |stage| Outcome::Blocked {
            stage,
            reason: "SAFETY".to_owned(),
            categories: vec!["HARM_CATEGORY_HATE_SPEECH".to_owned()],
        };
        let failed = |reason: &str| Outcome::Failed {
            finish_reason: reason.to_owned(),
            partial: String::new(),
        };
        for (answer, code, retryable, again) in [
            (answer(titles("<b>")), FailureCode::Malformed, true, true),
            (
                answer(titles("Casino night")),
                FailureCode::BannedTopic,
                false,
                true,
            ),
            (
                answer(Outcome::Truncated {
                    partial: "{".to_owned(),
                }),
                FailureCode::Truncated,
                true,
                false,
            ),
            (
                answer(blocked(Stage::Prompt)),
                FailureCode::PromptBlocked,
                false,
                false,
            ),
            (
                answer(blocked(Stage::Output)),
                FailureCode::OutputBlocked,
                false,
                false,
            ),
            (
                answer(Outcome::Recited),
                FailureCode::Recitation,
                false,
                true,
            ),
            (answer(Outcome::Empty), FailureCode::Empty, true, true),
            (answer(failed("OTHER")), FailureCode::Stopped, true, true),
            (
                answer(failed("LANGUAGE")),
                FailureCode::Stopped,
                false,
                false,
            ),
            (
                Err(Error::RateLimited { after: None }),
                FailureCode::RateLimited,
                true,
                false,
            ),
            (
                Err(Error::QuotaExhausted {
                    quota: "q".to_owned(),
                    until: None,
                }),
                FailureCode::QuotaExhausted,
                false,
                false,
            ),
            (
                Err(Error::Unavailable {
                    status: 503,
                    after: None,
                }),
                FailureCode::ProviderUnavailable,
                true,
                false,
            ),
            (
                Err(Error::NotReached(None)),
                FailureCode::ProviderUnavailable,
                true,
                false,
            ),
            (Err(Error::TimedOut), FailureCode::TimedOut, true, false),
            (
                Err(Error::Cut {
                    partial: String::new(),
                    usage: None,
                }),
                FailureCode::ConnectionLost,
                true,
                false,
            ),
            (
                Err(Error::UnknownModel),
                FailureCode::ProviderRefused,
                false,
                false,
            ),
        ] {
            let shown = format!("{answer:?}");
            assert_eq!(judged(answer), (code, retryable, again), "{shown}");
        }
    }

    #[test]
    fn a_block_names_its_categories_in_words() {
        assert_eq!(
            plain("HARM_CATEGORY_SEXUALLY_EXPLICIT"),
            "sexually explicit"
        );
    }
}
