//! One run of an upload session: how far it has come, and the file that is read for it.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::flow::{Flow, deadline};
use super::work::{UploadSession, Work};
use crate::channels::access::Access;
use crate::pipeline::Outcome;
use crate::rendering::{Reading, Source};
use clients::youtube::upload::{Outcome as Answer, SessionUri};

/// The time for one piece.
const PIECE: Duration = Duration::from_secs(120);

pub(super) struct Sending<'a> {
    pub(super) flow: &'a Flow<'a>,
    pub(super) work: Work,
    pub(super) session: UploadSession,
    pub(super) uri: SessionUri,
    pub(super) token: Access,
    /// Whether YouTube has refused an access token in this run.
    pub(super) token_renewed: bool,
    /// The first byte that the session does not have. Nothing is known before it was asked, and after an ambiguous answer:
    /// another run may have sent more than it could store.
    pub(super) offset: Option<u64>,
    /// How far the session is known to have come.
    pub(super) reached: u64,
    pub(super) recorded_at: Instant,
    /// Ambiguous answers in this run.
    pub(super) ambiguous: u32,
    file: Option<Source>,
    /// The file as it is being read, and the bytes that were read of it.
    reading: Option<(Reading, Range<u64>)>,
}

impl<'a> Sending<'a> {
    pub(super) async fn new(flow: &'a Flow<'a>, work: Work) -> Result<Self, Outcome> {
        let Some(session) = work.open_session().cloned() else {
            return Err(Outcome::retry(
                "session_missing",
                "The upload is being sent but has no session.",
            ));
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
