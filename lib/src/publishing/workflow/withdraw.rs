//! Keeping a cancelled upload from publication, until YouTube has confirmed it, and telling its user when YouTube does not.

use jiff::SignedDuration;

use super::flow::{Flow, snooze};
use super::work::{Change, Work};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use clients::youtube::manage::{OwnVideo, Publication};

/// This long before its time the user of a video that could not be withdrawn yet is told: long enough to do it in Studio.
const NOTICE: SignedDuration = SignedDuration::from_mins(10);
/// Before a withdrawal that YouTube did not answer is tried again.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Before a withdrawal that YouTube refused for its number is tried again.
const REFUSED_PAUSE: SignedDuration = SignedDuration::from_mins(5);

impl Flow<'_> {
    /// Takes the time off a video, so that it is never published by itself, and reads back that YouTube has done so.
    pub(super) async fn keep_private(
        &self,
        work: &mut Work,
        video: &OwnVideo,
    ) -> Result<Outcome, Outcome> {
        let is_loose = |video: &OwnVideo| video.is_public() || video.publish_at.is_some();
        if is_loose(video) {
            self.check_manage(work).await?;
            self.set_publication(work, video, Publication::Never)
                .await?;
            if self
                .video(work)
                .await?
                .is_some_and(|video| is_loose(&video))
            {
                let message = "YouTube says that it took the time off the video, but the video still has one.";
                return Err(Outcome::retry("not_withdrawn", message));
            }
        }
        Ok(self
            .cancel(work, Reason::KeptPrivate, Change::told(None))
            .await)
    }

    /// YouTube refuses the withdrawal because its own allowance is used up.
    pub(super) async fn withdrawal_refused(&self, work: &Work, error: StepError) -> Outcome {
        let change = Change::default().error(error).notice();
        self.store_then(work, change, |_| {
            snooze(REFUSED_PAUSE, "withdrawal_refused")
        })
        .await
    }

    /// How a run for a cancelled upload ends: no failure is a reason to give up, and when its time comes near its user is
    /// told that YouTube has not confirmed the withdrawal.
    pub(super) async fn insist(&self, work: &Work, outcome: Outcome) -> Outcome {
        let (pause, error) = match outcome {
            Outcome::Retry { after, error } => (after, Some(error)),
            Outcome::Discard { error } => (None, Some(error)),
            Outcome::Snooze { after, .. } => (Some(after), None),
            other => return other,
        };
        let pause = pause
            .and_then(|pause| SignedDuration::try_from(pause).ok())
            .unwrap_or(PAUSE);
        let upload = &work.upload;
        // Without bytes on YouTube nothing can be published, whatever the time.
        if !upload.may_be_on_youtube() {
            return snooze(pause, "withdrawing");
        }
        let slot = upload.youtube_publish_at.unwrap_or(upload.publish_at);
        let until_notice = (slot - NOTICE).duration_since(work.now);
        if until_notice.is_positive() {
            return snooze(pause.min(until_notice), "withdrawing");
        }
        // An incomplete session becomes no video.
        let is_incomplete = error.is_none() && upload.state == State::Uploading;
        if upload.withdrawal_notice_at.is_some() || is_incomplete {
            return snooze(pause, "withdrawing");
        }
        let mut change = Change::default().notice();
        if let Some(error) = error {
            change = change.error(error);
        }
        self.store_then(work, change, |_| snooze(pause, "withdrawing"))
            .await
    }
}
