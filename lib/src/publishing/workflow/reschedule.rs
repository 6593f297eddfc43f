//! Telling YouTube when to publish, or never.

use super::change::Change;
use super::flow::{Flow, LATE, Next};
use super::work::Work;
use crate::pipeline::Outcome;
use crate::publishing::reason::Reason;
use clients::youtube::manage::{OwnVideo, Publication};

impl Flow<'_> {
    /// Makes YouTube's schedule what it should be; none when it is.
    pub(super) async fn update_publication(
        &self,
        work: &Work,
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
        let change = Change {
            youtube_publish_at: Some(Some(publish_at)),
            ..Change::default()
        };
        self.store(work, change).await
    }

    /// Takes the time off a video, so that it is never published by itself.
    async fn keep_private(&self, work: &Work, video: &OwnVideo) -> Result<Outcome, Outcome> {
        if video.privacy == "private" && video.publish_at.is_some() {
            self.check_manage(work).await?;
            self.set_publication(work, video, Publication::Never)
                .await?;
        }
        let change = Change {
            youtube_publish_at: Some(None),
            ..Change::default()
        };
        Ok(self.cancel(work, Reason::KeptPrivate, change).await)
    }

    async fn check_manage(&self, work: &Work) -> Result<(), Outcome> {
        if work.channel.features.manage {
            return Ok(());
        }
        Err(self.needs_attention(work, Reason::ScopeMissing).await)
    }
}
