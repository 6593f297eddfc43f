//! The calls to the model: one, and one more when the first answer can be put right. What each of them cost is kept
//! whatever the result.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::billing::Call;
use super::classify::classify;
use super::failure::Failure;
use super::material::Material;
use super::output::Output;
use clients::gemini::{Answer, Error, Gemini, PriceList, Prompt, models};
use platform::db::Db;
use platform::ids::ContentId;

/// A second call is not begun with less time than this.
const TIME_TO_REPAIR: Duration = Duration::from_secs(8);

/// How far a generation is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(super) enum Progress {
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

/// Gets the progress.
pub(super) type Listener = dyn FnMut(Progress) + Send;

/// The result of the calls.
#[derive(Debug)]
pub(super) struct Written {
    /// The output, or why there is none.
    pub(super) result: Result<Output, Failure>,
    /// Every call, in order. One that was recorded already is here too.
    pub(super) calls: Vec<Call>,
    /// The model that answered last.
    pub(super) model_answered: Option<String>,
}

/// How the model is called.
pub(super) struct Writer<'a> {
    pub(super) gemini: &'a Gemini,
    pub(super) prices: &'a PriceList,
    pub(super) engine: &'a Db,
    pub(super) content: ContentId,
    /// Whether the answer is read as it comes.
    pub(super) streaming: bool,
    /// When the last answer must be there.
    pub(super) deadline: Instant,
}

impl Writer<'_> {
    /// Writes, checks, and where it can help asks once more.
    pub(super) async fn write(
        &self,
        prompt: &Prompt,
        material: &Material,
        listener: &mut Listener,
    ) -> Written {
        let mut written = Written {
            result: Err(Failure::interrupted()),
            calls: Vec::new(),
            model_answered: None,
        };
        let first = self.call(prompt, &mut written, listener).await;
        let rejection = match classify(first, material) {
            Ok(output) => {
                written.result = Ok(output);
                return written;
            }
            Err(rejection) => rejection,
        };
        written.result = Err(*rejection.failure);
        let left = self.deadline.saturating_duration_since(Instant::now());
        if let Some(repair) = rejection.repair.filter(|_| left >= TIME_TO_REPAIR) {
            info!(failure = ?written.result.as_ref().err().map(|failure| failure.code), "the answer is asked for once more");
            self.record_last(&written).await;
            listener(Progress::Repairing);
            let again = repair.prompt(prompt);
            let second = self.call(&again, &mut written, listener).await;
            written.result = classify(second, material).map_err(|rejection| *rejection.failure);
        }
        written
    }

    async fn call(
        &self,
        prompt: &Prompt,
        written: &mut Written,
        listener: &mut Listener,
    ) -> Result<Answer, Error> {
        let answer = self.answer(prompt, listener).await;
        let number = written.calls.len() + 1;
        let call = Call::new(number, self.gemini, self.prices, prompt, &answer);
        if let Some(model) = &call.model_answered {
            if !models::same_family(self.gemini.model(), model) {
                warn!(asked = self.gemini.model(), answered = %model, "another model answered than was asked for");
            }
            written.model_answered = Some(model.clone());
        }
        written.calls.push(call);
        answer
    }

    async fn answer(&self, prompt: &Prompt, listener: &mut Listener) -> Result<Answer, Error> {
        let mut characters = 0;
        listener(Progress::Writing { characters });
        if !self.streaming {
            return self.gemini.generate(prompt, self.deadline).await;
        }
        let mut reported = 0;
        self.gemini
            .stream(prompt, self.deadline, &mut |text| {
                characters += text.chars().count();
                if characters >= reported + 100 {
                    reported = characters;
                    listener(Progress::Writing { characters });
                }
            })
            .await
    }

    /// Keeps a paid answer before another is asked for. It is stored once more with the result, so a failure here loses
    /// something only together with a crash.
    async fn record_last(&self, written: &Written) {
        let Some(call) = written.calls.last() else {
            return;
        };
        let arguments = json!({"p_content": self.content, "p_call": call});
        let recorded: Result<Value, _> =
            self.engine.call("record_generation_call", &arguments).await;
        if let Err(error) = recorded {
            warn!(error = %error, "a paid answer could not be recorded in between");
        }
    }
}
