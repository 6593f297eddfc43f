//! Writing a piece of content that has its row and its money: one call to the model, and one more when the first answer can
//! be put right. What each of them cost is kept whatever the result.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tracing::{info, warn};

use super::event::{Progress, Stage};
use super::row::Content;
use super::{
    billing::Call, classify::classify, failure::Failure, material::Material, output::Output,
    warning::warnings,
};
use clients::gemini::{Answer, Error, Gemini, PriceList, Prompt, models};
use platform::{db::Db, endpoint::Problem, ids::ContentId};

/// A second call is not begun with less time than this.
const TIME_TO_REPAIR: Duration = Duration::from_secs(8);

/// Gets the progress.
type Listener = dyn FnMut(Progress) + Send;

/// The result of the calls.
struct Written {
    /// The output, or why there is none.
    result: Result<Output, Failure>,
    /// Every call, in order. One that was recorded already is here too.
    calls: Vec<Call>,
    /// The model that answered last.
    model_answered: Option<String>,
}

/// A generation that only has to be written.
#[derive(Debug)]
pub struct Job {
    pub(super) id: ContentId,
    pub(super) engine: Db,
    pub(super) gemini: Gemini,
    pub(super) prices: &'static PriceList,
    pub(super) prompt: Prompt,
    pub(super) material: Material,
    /// Whether the answer is read as it comes.
    pub(super) streaming: bool,
    /// When the last answer of the model must be there.
    pub(super) deadline: Instant,
}

impl Job {
    /// Writes it and stores the result. Fails when the result could not be stored, which a later sweep puts in order.
    pub(super) async fn run(self, listener: &mut Listener) -> Result<Content, Problem> {
        let written = self.write(listener).await;
        listener(Progress {
            stage: Stage::Checking,
            characters: 0,
        });
        let result = self.result(&written);
        self.store(&json!({"p_content": self.id, "p_result": result}))
            .await
    }

    fn result(&self, written: &Written) -> Value {
        let mut result = json!({"calls": written.calls, "model_answered": written.model_answered});
        match &written.result {
            Ok(output) => {
                let (voice, brief) = (&self.material.channel.brand_voice, &self.material.brief);
                result["output"] = json!(output);
                result["titles"] = json!(output.titles());
                result["warnings"] = json!(warnings(output, voice, Some(brief.seconds())));
            }
            Err(failure) => result["failure"] = json!(failure),
        }
        result
    }

    /// What was paid for is worth a few tries. Storing it twice does nothing more.
    async fn store(&self, arguments: &Value) -> Result<Content, Problem> {
        for millis in [200, 600, 1800] {
            match self.engine.call("finish_generation", arguments).await {
                Err(error) if error.is_transient() => {
                    warn!(error = %error, content = %self.id, "the result could not be stored yet");
                }
                outcome => return Ok(outcome?),
            }
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        Ok(self.engine.call("finish_generation", arguments).await?)
    }

    /// Writes, checks, and where it can help asks once more.
    async fn write(&self, listener: &mut Listener) -> Written {
        let mut written = Written {
            result: Err(Failure::interrupted()),
            calls: Vec::new(),
            model_answered: None,
        };
        let first = self.call(&self.prompt, &mut written, listener).await;
        let rejection = match classify(first, &self.material) {
            Ok(output) => {
                written.result = Ok(output);
                return written;
            }
            Err(rejection) => rejection,
        };
        written.result = Err(*rejection.failure);
        let left = self.deadline.saturating_duration_since(Instant::now());
        if let Some(repair) = rejection
            .repair
            .filter(|repair| left >= TIME_TO_REPAIR && repair.can_help(&self.prompt))
        {
            info!(failure = ?written.result.as_ref().err().map(|failure| failure.code), "the answer is asked for once more");
            self.record_last(&written).await;
            listener(Progress {
                stage: Stage::Repairing,
                characters: 0,
            });
            let again = repair.prompt(&self.prompt);
            let second = self.call(&again, &mut written, listener).await;
            let second = classify(second, &self.material);
            written.result = second.map_err(|rejection| *rejection.failure);
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
        let call = Call::new(number, &self.gemini, self.prices, prompt, &answer);
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
        let mut wrote = |characters| {
            let stage = Stage::Writing;
            listener(Progress { stage, characters });
        };
        wrote(characters);
        if !self.streaming {
            return self.gemini.generate(prompt, self.deadline).await;
        }
        let mut reported = 0;
        self.gemini
            .stream(prompt, self.deadline, &mut |text| {
                characters += text.chars().count();
                if characters >= reported + 100 {
                    reported = characters;
                    wrote(characters);
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
        let arguments = json!({"p_content": self.id, "p_call": call});
        let recorded: Result<Value, _> =
            self.engine.call("record_generation_call", &arguments).await;
        if let Err(error) = recorded {
            warn!(error = %error, "a paid answer could not be recorded in between");
        }
    }
}
