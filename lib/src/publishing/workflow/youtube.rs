//! Calls to YouTube: each costs units of the daily quota, and what goes wrong ends the run.

use jiff::Timestamp;

use super::flow::{Flow, deadline};
use super::work::{Change, Work, reason_of};
use crate::channels::access::{AccessError, CallError, Session};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::Reason;
use crate::quota::{self, Bucket, QuotaError, Spender};
use clients::quota_day::QuotaDay;
use clients::youtube::manage::{OwnVideo, Publication};
use clients::youtube::{AccessToken, Error as YouTubeError, ErrorKind};
use platform::clock;

/// What `videos.update` costs.
const UPDATE_UNITS: u32 = 50;

impl Flow<'_> {
    /// The channel's access to YouTube.
    pub(super) async fn access(&self, work: &Work) -> Result<&Session, Outcome> {
        let open = || Session::open(self.engine.clone(), self.ctx.config(), work.channel.id);
        match self.access.get_or_try_init(open).await {
            Ok(session) => Ok(session),
            Err(error) => Err(self.on_access_error(work, &error).await),
        }
    }

    /// Makes a call that costs units of the daily pool: reserved before, settled after.
    pub(super) async fn metered<T, F>(
        &self,
        work: &Work,
        units: u32,
        call: impl Fn(AccessToken) -> F,
    ) -> Result<T, Outcome>
    where
        F: Future<Output = Result<T, YouTubeError>>,
    {
        let access = self.access(work).await?;
        let (channel, purpose) = (work.channel.id, work.purpose());
        let spender = Spender {
            engine: &self.engine,
            channel,
            purpose,
        };
        let metered = |token| quota::spend(spender, Bucket::Units, units, call(token));
        match access.call::<T, CallError, _>(metered).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.on_call_error(work, error).await),
        }
    }

    /// The upload's own video as YouTube sees it, if YouTube lists it. What was seen is judged by the time at which it was
    /// seen, so `work` is told that time.
    pub(super) async fn video(&self, work: &mut Work) -> Result<Option<OwnVideo>, Outcome> {
        if let Some(reason) = work.disconnected() {
            return Err(self.needs_attention(work, reason).await);
        }
        let Some(id) = work.upload.youtube_video_id.clone() else {
            return Err(Outcome::retry("video_missing", "The upload has no video."));
        };
        let (youtube, ids) = (&self.youtube, &[id]);
        let list = |token| async move { youtube.own_videos(&token, ids, deadline()).await };
        let videos = self.metered(work, 1, list).await?;
        work.now = clock::now();
        Ok(videos.into_iter().find(|video| video.id == ids[0]))
    }

    pub(super) async fn set_publication(
        &self,
        work: &Work,
        video: &OwnVideo,
        publication: Publication,
    ) -> Result<(), Outcome> {
        let youtube = &self.youtube;
        let set = |token| async move {
            youtube
                .set_publication(&token, video, publication, deadline())
                .await
        };
        self.metered(work, UPDATE_UNITS, set).await.map(drop)
    }

    pub(super) async fn on_call_error(&self, work: &Work, error: CallError) -> Outcome {
        match error {
            CallError::Access(error) => self.on_access_error(work, &error).await,
            CallError::Quota(QuotaError::UsedUp { resets_at, .. }) => {
                self.wait_for_quota(work, resets_at).await
            }
            CallError::Quota(QuotaError::Db(error)) => error.into(),
            CallError::YouTube(error) => self.on_youtube_error(work, &error).await,
        }
    }

    pub(super) async fn on_access_error(&self, work: &Work, error: &AccessError) -> Outcome {
        match error {
            AccessError::Disconnected(why) => {
                self.needs_attention(work, reason_of(Some(*why))).await
            }
            error => error.outcome(),
        }
    }

    /// What YouTube's refusal of anything but a session asks for.
    pub(super) async fn on_youtube_error(&self, work: &Work, error: &YouTubeError) -> Outcome {
        let note = StepError::new(error.code(), error.to_string());
        let reason = match error.kind() {
            Some(ErrorKind::DailyQuota) if work.is_cancelled() => {
                return self.withdrawal_refused(work, note).await;
            }
            Some(ErrorKind::DailyQuota) => {
                return self
                    .wait_for_quota(work, QuotaDay::of(work.now).end())
                    .await;
            }
            Some(ErrorKind::Unauthorized) => return unauthorized(),
            Some(ErrorKind::NotFound) if work.upload.youtube_video_id.is_some() => {
                Reason::DeletedOnYoutube
            }
            Some(kind) if !kind.is_transient() && kind != ErrorKind::ThumbnailLimit => {
                reason_of_refusal(kind)
            }
            _ => {
                let change = Change::reason(Reason::YoutubeUnavailable).error(note.clone());
                let retry = Outcome::Retry {
                    after: error.retry_after(),
                    error: note,
                };
                return self.store_then(work, change, |_| retry).await;
            }
        };
        self.needs_attention_after(work, reason, note).await
    }

    async fn wait_for_quota(&self, work: &Work, until: Timestamp) -> Outcome {
        let change = Change::reason(Reason::QuotaUsedUp);
        self.wait_until(work, until, change, "quota_used_up").await
    }
}

/// The reason of an upload that a person has to see to, by YouTube's refusal.
pub(super) fn reason_of_refusal(kind: ErrorKind) -> Reason {
    match kind {
        ErrorKind::NoChannel => Reason::ChannelMissing,
        ErrorKind::ScopeMissing => Reason::ScopeMissing,
        ErrorKind::AccountBroken => Reason::ChannelBlocked,
        _ => Reason::YoutubeRefused,
    }
}

pub(super) fn unauthorized() -> Outcome {
    Outcome::retry(
        "unauthorized",
        "YouTube does not accept a fresh access token.",
    )
}
