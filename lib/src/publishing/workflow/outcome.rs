//! How an upload ends that has become a video.

use super::change::Change;
use super::flow::{Flow, Next};
use super::work::Work;
use crate::pipeline::{Outcome, StepError};
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;
use clients::youtube::manage::OwnVideo;

impl Flow<'_> {
    pub(super) async fn published(&self, work: &Work, video: &OwnVideo) -> Next {
        let publish_at = work.upload.publish_at;
        let (reason, at) = if work.now < publish_at {
            (Reason::MadePublicByHand, work.now)
        } else {
            (Reason::OnTime, publish_at)
        };
        tracing::info!(upload.id = %work.upload.id, video.id = video.id, reason = reason.as_str(), "published");
        let change = Change {
            published_at: Some(at),
            ..Change::to(State::Published, reason)
        };
        self.store(work, change).await
    }

    pub(super) async fn deleted(&self, work: &Work) -> Outcome {
        if work.is_cancelled() {
            let reason = Reason::CancelledByUser;
            return self.cancel(work, reason, Change::default()).await;
        }
        self.needs_attention(work, Reason::DeletedOnYoutube).await
    }

    pub(super) async fn fail(&self, work: &Work, reason: Reason, video: &OwnVideo) -> Next {
        let code = video.reason.as_ref().unwrap_or(&video.upload_status);
        let error = StepError::new(
            code,
            "YouTube's own word for why it did not accept the video.",
        );
        let change = Change::to(State::Failed, reason).error(error);
        self.store(work, change).await
    }
}
