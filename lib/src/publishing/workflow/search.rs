//! After a session was lost: is there a video on the channel?

use jiff::Timestamp;
use serde_json::json;

use super::flow::{Flow, Next, deadline, snooze};
use super::reconcile::{self, Verdict};
use super::work::{Change, UploadSession, Work};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use clients::youtube::manage::{MAX_IDS, OwnVideo};

/// Pages of the uploads playlist that a search goes through.
const PAGES: usize = 10;

impl Flow<'_> {
    pub(super) async fn search(&self, work: Work) -> Next {
        if let Some(reason) = work.disconnected() {
            return Err(self.needs_attention(&work, reason).await);
        }
        let (Some(session), Some(playlist)) = (&work.session, &work.channel.uploads_playlist_id)
        else {
            return Err(self.needs_attention(&work, Reason::OutcomeAmbiguous).await);
        };
        let since = reconcile::since(session.opened_at);
        let videos = self.candidates(&work, playlist, since).await?;
        let in_flight = 2 * self.piece_bytes();
        let verdict = reconcile::decide(session, &work.upload, in_flight, &videos);
        self.on_verdict(&work, session, verdict).await
    }

    async fn on_verdict(&self, work: &Work, session: &UploadSession, verdict: Verdict) -> Next {
        match verdict {
            Verdict::Found(video) => self.call("adopt_video", json!({ "p_video": video })).await,
            Verdict::Ambiguous(videos) => {
                let message = format!("These videos could be it: {}.", videos.join(", "));
                let error = StepError::new("several_videos", message);
                Err(self
                    .needs_attention_after(work, Reason::OutcomeAmbiguous, error)
                    .await)
            }
            Verdict::SearchAgain(pause) => {
                let change = Change::reason(Reason::Reconciling).searched(session);
                self.store(work, change).await?;
                Err(snooze(pause, "reconciling"))
            }
            Verdict::None => {
                let mut change = Change::to(State::Scheduled, None);
                change.session_settled = true;
                if work.is_cancelled() {
                    return Err(self.cancel(work, Reason::CancelledByUser, change).await);
                }
                self.store(work, change).await
            }
        }
    }

    /// The channel's videos since `since` that no upload of ours has become.
    async fn candidates(
        &self,
        work: &Work,
        playlist: &str,
        since: Timestamp,
    ) -> Result<Vec<OwnVideo>, Outcome> {
        let uploads = self.newest_uploads(work, playlist, since).await?;
        let arguments = json!({ "p_videos": uploads });
        let unclaimed: Vec<String> = self.call("unclaimed_videos", arguments).await?;
        let youtube = &self.youtube;
        let mut videos = Vec::new();
        for ids in unclaimed.chunks(MAX_IDS) {
            let list = |token| async move { youtube.own_videos(&token, ids, deadline()).await };
            videos.extend(self.metered(work, 1, list).await?);
        }
        Ok(videos)
    }

    async fn newest_uploads(
        &self,
        work: &Work,
        playlist: &str,
        since: Timestamp,
    ) -> Result<Vec<String>, Outcome> {
        let youtube = &self.youtube;
        let mut page: Option<String> = None;
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let page_token = page.as_deref();
            let list = |token| async move {
                youtube
                    .uploads(&token, playlist, page_token, deadline())
                    .await
            };
            let listed = self.metered(work, 1, list).await?;
            let goes_on = listed.oldest().is_none_or(|oldest| oldest >= since);
            found.extend(listed.items.into_iter().map(|item| item.video_id));
            page = listed.next.filter(|_| goes_on);
            if page.is_none() {
                break;
            }
        }
        Ok(found)
    }
}
