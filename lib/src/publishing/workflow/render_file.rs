//! The rendered file that is uploaded.

use super::change::Change;
use super::flow::Flow;
use super::work::{UploadSession, Work};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::reason::Reason;
use crate::rendering::{self, Source, SourceError};

impl Flow<'_> {
    pub(super) async fn render_file(&self, work: &Work) -> Result<Source, Outcome> {
        match rendering::source_of(self.ctx.config(), work.upload.render_id).await {
            Ok(file) => Ok(file),
            Err(error) => Err(self.on_file_error(work, &error).await),
        }
    }

    /// The file of which `session` has a part already.
    pub(super) async fn same_render_file(
        &self,
        work: &Work,
        session: &UploadSession,
    ) -> Result<Source, Outcome> {
        let file = self.render_file(work).await?;
        if is_same(&file, session) {
            return Ok(file);
        }
        let error = StepError::new(
            "file_changed",
            "The rendered file is not the one of which a part was sent.",
        );
        Err(self
            .needs_attention_after(work, Reason::FileUnavailable, error)
            .await)
    }

    pub(super) async fn on_file_error(&self, work: &Work, error: &SourceError) -> Outcome {
        let note = StepError::new("file_unreadable", error.to_string());
        if !error.is_transient() && !matches!(error, SourceError::Db(_)) {
            return self
                .needs_attention_after(work, Reason::FileUnavailable, note)
                .await;
        }
        let change = Change::default().error(note.clone());
        let retry = Outcome::Retry {
            after: None,
            error: note,
        };
        self.store_then(work, change, |_| retry).await
    }
}

fn is_same(file: &Source, session: &UploadSession) -> bool {
    let hashes = session.source_sha256.as_deref().zip(file.sha256());
    file.total() == session.bytes_total && hashes.is_none_or(|(before, now)| before == now)
}
