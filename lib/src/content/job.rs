//! Writing a piece of content that has its row and its money.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::material::Material;
use super::outcome::outcome;
use super::row::Content;
use super::warnings::warnings;
use super::write::{Listener, Progress, Writer, Written};
use clients::gemini::{Gemini, PriceList, Prompt};
use platform::db::Db;
use platform::endpoint::Problem;
use platform::ids::ContentId;

/// A generation that only has to be written.
#[derive(Debug)]
pub struct Job {
    pub(super) id: ContentId,
    pub(super) engine: Db,
    pub(super) gemini: Gemini,
    pub(super) prices: &'static PriceList,
    pub(super) prompt: Prompt,
    pub(super) material: Material,
    /// When the last answer of the model must be there.
    pub(super) deadline: Instant,
}

impl Job {
    /// Writes it and stores the result. Fails as [`outcome`] does, and when the result could not be stored, which a later
    /// sweep puts in order.
    pub(super) async fn run(
        self,
        streaming: bool,
        listener: &mut Listener,
    ) -> Result<Content, Problem> {
        let writer = Writer {
            gemini: &self.gemini,
            prices: self.prices,
            engine: &self.engine,
            content: self.id,
            streaming,
            deadline: self.deadline,
        };
        let written = writer.write(&self.prompt, &self.material, listener).await;
        listener(Progress::Checking);
        let result = self.result(&written);
        let content = self
            .store(&json!({"p_content": self.id, "p_result": result}))
            .await?;
        outcome(content)
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
        let mut wait = Duration::from_millis(200);
        for _ in 0..3 {
            match self.engine.call("finish_generation", arguments).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, content = %self.id, "the result could not be stored yet");
                }
                outcome => return Ok(outcome?),
            }
            tokio::time::sleep(wait).await;
            wait *= 3;
        }
        Ok(self.engine.call("finish_generation", arguments).await?)
    }
}

/// Runs a job to its end in the background, also when the client disconnects: it is paid for.
///
/// # Errors
///
/// The problem that the failure of a generation is.
pub async fn complete(
    job: Box<Job>,
    background: impl FnOnce(BoxFuture<'static, ()>),
) -> Result<Content, Problem> {
    let (done, result) = tokio::sync::oneshot::channel();
    background(Box::pin(async move {
        // The client may have disconnected.
        let _ = done.send(job.run(false, &mut |_| {}).await);
    }));
    result.await.map_err(Problem::internal)?
}
