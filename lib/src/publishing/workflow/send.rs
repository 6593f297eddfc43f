//! Sending: the session is asked how far it has come, then gets piece after piece.

use std::ops::Range;
use std::time::{Duration, Instant};

use serde_json::json;

use super::flow::{Flow, Next, WORTH_STARTING, deadline};
use super::work::{Change, SessionOutcome, UploadSession, Work};
use super::youtube::unauthorized;
use crate::channels::access::Access;
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use crate::rendering::{Reading, Source};
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
                let change = Change::to(State::OutcomeUnknown, Reason::Reconciling);
                let change = change.ending(SessionOutcome::Gone);
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
        let left_for = self
            .flow
            .stop_sending(&self.work, &self.session, next)
            .await?;
        if left_for.is_some() {
            return Ok(left_for);
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
        let seal = |uri| self.flow.seal(&self.work, self.session.id, uri);
        let sealed = moved.as_ref().map(seal).transpose()?;
        if let Some(moved) = moved {
            self.uri = moved;
        }
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
            let message = "YouTube has all bytes but does not finish the upload.";
            return Err(Outcome::retry("not_finalised", message));
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
        if self.reached > self.session.bytes_sent {
            let reason = "youtube_unavailable";
            return Err(Outcome::Continue {
                after: pause,
                reason,
            });
        }
        Err(Outcome::Retry { after, error })
    }
}

/// The time for one piece.
const PIECE: Duration = Duration::from_secs(120);

pub(super) struct Sending<'a> {
    pub(super) flow: &'a Flow<'a>,
    pub(super) work: Work,
    pub(super) session: UploadSession,
    pub(super) uri: SessionUri,
    pub(super) token: Access,
    /// Whether YouTube has refused an access token in this run.
    token_renewed: bool,
    /// The first byte that the session does not have. Nothing is known before it was asked, and after an ambiguous answer:
    /// another run may have sent more than it could store.
    pub(super) offset: Option<u64>,
    /// How far the session is known to have come.
    pub(super) reached: u64,
    recorded_at: Instant,
    /// Ambiguous answers in this run.
    pub(super) ambiguous: u32,
    file: Option<Source>,
    /// The file as it is being read, and the bytes that were read of it.
    reading: Option<(Reading, Range<u64>)>,
}

impl<'a> Sending<'a> {
    pub(super) async fn new(flow: &'a Flow<'a>, work: Work) -> Result<Self, Outcome> {
        let Some(session) = work.open_session().cloned() else {
            let message = "The upload is being sent but has no session.";
            return Err(Outcome::retry("session_missing", message));
        };
        Ok(Self {
            uri: flow.unseal(&work, &session)?,
            token: flow.access(&work).await?.access().await,
            reached: session.bytes_sent,
            flow,
            work,
            session,
            token_renewed: false,
            offset: None,
            recorded_at: Instant::now(),
            ambiguous: 0,
            file: None,
            reading: None,
        })
    }

    /// Asks the session how far it has come.
    pub(super) async fn ask(&mut self) -> Answer {
        self.reading = None;
        let (youtube, total) = (&self.flow.youtube, self.session.bytes_total);
        youtube
            .ask_session(&self.token.token, &self.uri, total, deadline())
            .await
    }

    /// Sends one piece from `first` on. None: the file could not be read to the piece's end, and is worth another attempt.
    pub(super) async fn send_piece(&mut self, first: u64) -> Result<Option<Answer>, Outcome> {
        let (file, read) = self.read_from(first).await?;
        let total = self.session.bytes_total;
        let end = total.min(first + self.flow.piece_bytes());
        let answer = self
            .flow
            .youtube
            .send_piece(
                &self.token.token,
                &self.uri,
                file.part(end - first),
                first..end,
                total,
                Instant::now() + PIECE,
            )
            .await;
        if let Some(error) = file.failure().await {
            // A connection that carried whole pieces before it broke is worth another one at once.
            if read.is_empty() || !error.is_transient() {
                return Err(self.flow.on_file_error(&self.work, &error).await);
            }
            return Ok(None);
        }
        self.reading = Some((file, read.start..end));
        Ok(Some(answer))
    }

    async fn read_from(&mut self, first: u64) -> Result<(Reading, Range<u64>), Outcome> {
        if let Some(reading) = self.reading.take().filter(|(_, read)| read.end == first) {
            return Ok(reading);
        }
        let file = match &self.file {
            Some(file) => file,
            None => {
                let file = self
                    .flow
                    .same_render_file(&self.work, &self.session)
                    .await?;
                self.file.insert(file)
            }
        };
        match file.open(first).await {
            Ok(reading) => Ok((reading, first..first)),
            Err(error) => Err(self.flow.on_file_error(&self.work, &error).await),
        }
    }
}

impl Flow<'_> {
    pub(super) fn piece_bytes(&self) -> u64 {
        u64::from(self.ctx.config().limits.upload_piece_bytes)
    }
}
