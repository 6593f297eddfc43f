//! Sending: the session is asked how far it has come, then gets piece after piece.

use std::time::{Duration, Instant};

use serde_json::json;

use super::change::{Change, SessionOutcome};
use super::flow::{Flow, Next, WORTH_STARTING};
use super::sending::Sending;
use super::work::Work;
use super::youtube::unauthorized;
use crate::pipeline::{Outcome, StepError};
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;
use clients::youtube::upload::{Outcome as Answer, SessionUri};

/// While pieces go through quickly, how far they have come is stored this often.
const RECORD_EVERY: Duration = Duration::from_secs(1);
/// Ambiguous answers in one run, before the step backs off.
const MAX_AMBIGUOUS: u32 = 4;

impl Flow<'_> {
    pub(super) async fn send(&self, work: Work) -> Next {
        let mut sending = Sending::new(self, work).await?;
        loop {
            let answer = match sending.offset {
                None => sending.ask().await,
                Some(first) => match sending.send_piece(first).await? {
                    Some(answer) => answer,
                    None => {
                        sending.offset = None;
                        continue;
                    }
                },
            };
            if let Some(work) = sending.on_answer(answer).await? {
                return Ok(work);
            }
        }
    }
}

impl Sending<'_> {
    /// The upload as it goes on, when it no longer is being sent.
    async fn on_answer(&mut self, answer: Answer) -> Result<Option<Work>, Outcome> {
        match answer {
            Answer::Incomplete { next, moved } => self.on_incomplete(next, moved).await,
            Answer::Complete { video } => {
                let arguments = json!({ "p_video": video });
                self.flow.call("adopt_video", arguments).await.map(Some)
            }
            Answer::Gone => {
                let change = Change {
                    session_outcome: Some(SessionOutcome::Gone),
                    ..Change::to(State::OutcomeUnknown, Reason::Reconciling)
                };
                self.flow.store(&self.work, change).await.map(Some)
            }
            Answer::Permanent(error) => Err(self.flow.on_session_error(&self.work, error).await),
            Answer::Unauthorized => self.renew_token().await.map(|()| None),
            Answer::Transient { after, code } => {
                self.on_ambiguous(after, code).await.map(|()| None)
            }
        }
    }

    async fn on_incomplete(
        &mut self,
        next: u64,
        moved: Option<SessionUri>,
    ) -> Result<Option<Work>, Outcome> {
        let left = self.session.bytes_total - next;
        // Never the last piece before its beginning is stored: a session that is lost with less than that has made no video.
        let is_due = self.offset.is_none()
            || moved.is_some()
            || left <= self.flow.piece_bytes()
            || self.recorded_at.elapsed() >= RECORD_EVERY
            || self.flow.ctx.time_left() < WORTH_STARTING;
        self.reached = next;
        if !is_due {
            self.offset = Some(next);
            return Ok(None);
        }
        self.record(next, moved).await?;
        if self.work.upload.state != State::Uploading {
            return Ok(Some(self.work.clone()));
        }
        if let Some(work) = self
            .flow
            .stop_sending(&self.work, &self.session, next)
            .await?
        {
            return Ok(Some(work));
        }
        if left == 0 {
            self.wait_for_completion().await?;
            self.offset = None;
        } else {
            self.offset = Some(next);
        }
        if self.flow.ctx.time_left() < WORTH_STARTING {
            return Err(Outcome::continue_now("uploading"));
        }
        Ok(None)
    }

    /// Stores how far the session has come, and its new address if it gave one.
    async fn record(&mut self, next: u64, moved: Option<SessionUri>) -> Result<(), Outcome> {
        self.recorded_at = Instant::now();
        let sealed = match moved {
            Some(moved) => {
                self.uri = moved;
                Some(self.flow.seal(&self.work, self.session.id, &self.uri)?)
            }
            None => None,
        };
        let arguments = json!({
            "p_session": self.session.id, "p_bytes_sent": next, "p_session_uri": sealed,
        });
        self.work = self.flow.call("record_upload_progress", arguments).await?;
        Ok(())
    }

    /// All bytes are there, and yet it is not done: it needs a moment.
    async fn wait_for_completion(&mut self) -> Result<(), Outcome> {
        self.ambiguous += 1;
        if self.ambiguous > MAX_AMBIGUOUS {
            return Err(Outcome::retry(
                "not_finalised",
                "YouTube has all bytes but does not finish the upload.",
            ));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    async fn renew_token(&mut self) -> Result<(), Outcome> {
        if self.token_renewed {
            return Err(unauthorized());
        }
        let access = self.flow.access(&self.work).await?;
        self.token = match access.renew(self.token.version).await {
            Ok(token) => token,
            Err(error) => return Err(self.flow.on_access_error(&self.work, &error).await),
        };
        self.token_renewed = true;
        self.offset = None;
        Ok(())
    }

    /// There was no answer, or one that says nothing: the session is asked before anything else is sent.
    async fn on_ambiguous(&mut self, after: Option<Duration>, code: String) -> Result<(), Outcome> {
        self.ambiguous += 1;
        self.offset = None;
        let pause = after.unwrap_or_else(|| Duration::from_millis(250 << self.ambiguous.min(5)));
        if self.ambiguous <= MAX_AMBIGUOUS && pause + WORTH_STARTING <= self.flow.ctx.time_left() {
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        let error = StepError::new(code, "YouTube does not answer the upload as it should.");
        let change = Change::reason(Reason::YoutubeUnavailable).error(error.clone());
        self.flow.store(&self.work, change).await?;
        Err(if self.reached > self.session.bytes_sent {
            Outcome::Continue {
                after: pause,
                reason: "youtube_unavailable",
            }
        } else {
            Outcome::Retry { after, error }
        })
    }
}
