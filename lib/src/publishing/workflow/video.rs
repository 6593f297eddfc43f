//! A video that YouTube has: it is processed, waits for its time, and is told when to be published, or never.

use jiff::{SignedDuration, Timestamp};

use super::flow::{Flow, LATE, Next, snooze};
use super::work::{Change, Work};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use clients::youtube::manage::{OwnVideo, Publication};

/// How long a new video may be missing from `videos.list` before it counts as deleted.
const LISTED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Before a new video that is not listed yet is asked for again.
const NEW_PAUSE: SignedDuration = SignedDuration::from_secs(20);

impl Flow<'_> {
    pub(super) async fn check_processing(&self, mut work: Work) -> Next {
        let video = self.video(&mut work).await?;
        let age = work.now.duration_since(work.upload.state_changed_at);
        let Some(video) = video else {
            if age < LISTED_AFTER {
                return Err(snooze(NEW_PAUSE, "not_listed_yet"));
            }
            return Err(self.deleted(&work).await);
        };
        if video.is_public() && !work.is_to_be_hidden() {
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
        if let Some(work) = self.update_publication(&mut work, &video).await? {
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

/// Between two tellings of a video's publish time.
const MOVE_PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// The same when a time is near.
const MOVE_PAUSE_NEAR: SignedDuration = SignedDuration::from_secs(60);
/// A time is near that lies before this long from now.
const NEAR: SignedDuration = SignedDuration::from_mins(30);
/// How long YouTube may take to publish after the time.
const PUBLISH_LAG: SignedDuration = SignedDuration::from_mins(10);
/// A video that waits for its time is checked this often.
const CHECK_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Before a video that is not listed is asked for again.
const UNLISTED_PAUSE: SignedDuration = SignedDuration::from_secs(15);

/// What a private video's own schedule asks for.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// Somebody took it off the schedule.
    HeldPrivate,
    /// Somebody moved it.
    Moved(Timestamp),
    /// Its time is to come, or YouTube may be publishing it now.
    Wait(SignedDuration, &'static str),
    /// YouTube has missed its time.
    Overdue,
}

impl Flow<'_> {
    pub(super) async fn check_scheduled(&self, mut work: Work) -> Next {
        let Some(video) = self.video(&mut work).await? else {
            return Err(self.not_listed(&work).await);
        };
        if video.is_public() && !work.is_to_be_hidden() {
            return self.published(&work, &video).await;
        }
        if work.upload.reason.is_some() {
            let change = Change {
                reason: Some(None),
                error: Some(None),
                next_attempt_at: Some(None),
                ..Change::default()
            };
            return self.store(&work, change).await;
        }
        match video.upload_status.as_str() {
            "rejected" => return self.fail(&work, Reason::RejectedByYoutube, &video).await,
            "deleted" => return Err(self.needs_attention(&work, Reason::DeletedOnYoutube).await),
            _ => {}
        }
        if let Some(work) = self.update_publication(&mut work, &video).await? {
            return Ok(work);
        }
        match due(&video, work.upload.publish_at, work.now) {
            Due::HeldPrivate => Err(self.needs_attention(&work, Reason::HeldPrivate).await),
            Due::Moved(at) => {
                let mut change = Change::told(Some(at));
                change.publish_at = Some(at);
                self.store(&work, change).await
            }
            Due::Wait(pause, reason) => Err(snooze(pause, reason)),
            Due::Overdue => self.publish_late(work, &video).await,
        }
    }

    /// Publishes a video whose time YouTube has missed, and reads back that it is public.
    async fn publish_late(&self, mut work: Work, video: &OwnVideo) -> Next {
        self.set_publication(&work, video, Publication::Now).await?;
        let seen = self.video(&mut work).await?;
        if !seen.is_some_and(|video| video.is_public()) {
            let message = "YouTube says that it published the video, but the video is not public.";
            return Err(Outcome::retry("not_published", message));
        }
        let change = Change::published(Reason::PublishedLate, work.now);
        self.store(&work, change).await
    }

    /// A video that is missing once may only have been left out; missing twice, it is gone.
    async fn not_listed(&self, work: &Work) -> Outcome {
        if work.upload.reason.as_deref() == Some(Reason::NotListed.as_str()) {
            return self.deleted(work).await;
        }
        let wait = |_: &Work| snooze(UNLISTED_PAUSE, "not_listed");
        self.store_then(work, Change::reason(Reason::NotListed), wait)
            .await
    }
}

fn due(video: &OwnVideo, publish_at: Timestamp, now: Timestamp) -> Due {
    let late = now.duration_since(publish_at);
    let scheduled = video.publish_at.filter(|_| video.privacy == "private");
    match scheduled {
        // Around the time itself YouTube may be in the middle of publishing.
        None if late.is_negative() || late > PUBLISH_LAG => Due::HeldPrivate,
        // The newer decision counts.
        Some(moved) if moved.as_second() != publish_at.as_second() && moved > now => {
            Due::Moved(moved)
        }
        // A little after the time, so that one check is enough.
        _ if late.is_negative() => {
            let left = SignedDuration::from_secs(3) - late;
            Due::Wait(left.min(CHECK_EVERY), "publish_time")
        }
        _ if late <= PUBLISH_LAG => Due::Wait(SignedDuration::from_secs(20), "youtube_publishes"),
        _ => Due::Overdue,
    }
}

impl Flow<'_> {
    async fn published(&self, work: &Work, video: &OwnVideo) -> Next {
        let publish_at = work.upload.publish_at;
        let (reason, at) = if work.now < publish_at {
            (Reason::MadePublicByHand, work.now)
        } else {
            (Reason::OnTime, publish_at)
        };
        tracing::info!(upload.id = %work.upload.id, video.id = video.id, reason = reason.as_str(), "published");
        self.store(work, Change::published(reason, at)).await
    }

    async fn deleted(&self, work: &Work) -> Outcome {
        if work.is_cancelled() {
            return self
                .cancel(work, Reason::CancelledByUser, Change::default())
                .await;
        }
        self.needs_attention(work, Reason::DeletedOnYoutube).await
    }

    async fn fail(&self, work: &Work, reason: Reason, video: &OwnVideo) -> Next {
        let code = video.reason.as_ref().unwrap_or(&video.upload_status);
        let message = "YouTube's own word for why it did not accept the video.";
        let change = Change::to(State::Failed, reason).error(StepError::new(code, message));
        self.store(work, change).await
    }

    /// Makes YouTube's schedule what it should be; none when it is.
    async fn update_publication(
        &self,
        work: &mut Work,
        video: &OwnVideo,
    ) -> Result<Option<Work>, Outcome> {
        if work.is_cancelled() {
            return Err(self.keep_private(work, video).await?);
        }
        if Some(work.upload.publish_at) == work.upload.youtube_publish_at {
            return Ok(None);
        }
        self.reschedule(work, video).await.map(Some)
    }

    async fn reschedule(&self, work: &Work, video: &OwnVideo) -> Next {
        let publish_at = work.upload.publish_at;
        let is_told = video
            .publish_at
            .is_some_and(|told| told.as_second() == publish_at.as_second());
        if !is_told {
            self.check_manage(work).await?;
            Self::wait_between_moves(work)?;
            if work.now > publish_at + LATE {
                return Err(self.needs_attention(work, Reason::SlotMissed).await);
            }
            let publication = if work.now < publish_at {
                Publication::At(publish_at)
            } else {
                Publication::Now
            };
            self.set_publication(work, video, publication).await?;
        }
        self.store(work, Change::told(Some(publish_at))).await
    }

    /// Each telling costs units that all channels live on, so a video's time is told anew after a while only: a shorter one
    /// when the old time or the new one is near.
    fn wait_between_moves(work: &Work) -> Result<(), Outcome> {
        let Some(told_at) = work.upload.told_at else {
            return Ok(());
        };
        let times = [Some(work.upload.publish_at), work.upload.youtube_publish_at];
        let is_near = times.into_iter().flatten().any(|at| at < work.now + NEAR);
        let pause = if is_near { MOVE_PAUSE_NEAR } else { MOVE_PAUSE };
        let left = (told_at + pause).duration_since(work.now);
        if left.is_positive() {
            return Err(snooze(left, "moved_a_moment_ago"));
        }
        Ok(())
    }

    pub(super) async fn check_manage(&self, work: &Work) -> Result<(), Outcome> {
        if work.channel.features.manage {
            return Ok(());
        }
        Err(self.needs_attention(work, Reason::ScopeMissing).await)
    }
}

#[cfg(test)]
mod tests;
