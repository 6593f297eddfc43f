//! YouTube has all bytes and works on them.

use jiff::SignedDuration;

use super::change::Change;
use super::flow::{Flow, Next, snooze};
use super::work::Work;
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;

/// How long a new video may be missing from `videos.list` before it counts as deleted.
const LISTED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Before a video that is not listed yet is asked for again.
const UNLISTED_PAUSE: SignedDuration = SignedDuration::from_secs(20);

impl Flow<'_> {
    pub(super) async fn check_processing(&self, mut work: Work) -> Next {
        let video = self.video(&mut work).await?;
        let age = work.now.duration_since(work.upload.state_changed_at);
        let Some(video) = video else {
            if age < LISTED_AFTER {
                return Err(snooze(UNLISTED_PAUSE, "not_listed_yet"));
            }
            return Err(self.deleted(&work).await);
        };
        if video.is_public() {
            return self.published(&work, &video).await;
        }
        let processing = video.processing_status.as_deref();
        match (video.upload_status.as_str(), processing) {
            ("rejected", _) => return self.fail(&work, Reason::RejectedByYoutube, &video).await,
            ("failed", _) | (_, Some("failed" | "terminated")) => {
                return self.fail(&work, Reason::ProcessingFailed, &video).await;
            }
            ("deleted", _) => {
                return Err(self.needs_attention(&work, Reason::DeletedOnYoutube).await);
            }
            _ => {}
        }
        // The right time does not wait for processing: the old one might come first.
        if let Some(work) = self.update_publication(&work, &video).await? {
            return Ok(work);
        }
        if video.upload_status == "processed" || processing == Some("succeeded") {
            return self.store(&work, Change::to(State::OnYoutube, None)).await;
        }
        self.store(&work, Change::reason(Reason::YoutubeProcessing))
            .await?;
        let pause = (age / 4).clamp(SignedDuration::from_secs(5), SignedDuration::from_mins(5));
        Err(snooze(pause, "youtube_processing"))
    }
}
