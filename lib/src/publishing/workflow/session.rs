//! Opening a session: what has to be there before the first byte, and that it is stored encrypted before one is sent.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::flow::{Flow, LATE, Next, deadline, snooze, snooze_until};
use super::work::{Change, Readiness, Turn, UploadSession, Work};
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use crate::rendering::{self, Source, SourceError};
use crate::{publishing::metadata, quota::Reservation};
use clients::youtube::ErrorKind;
use clients::youtube::upload::{NewVideo, SessionUri};
use platform::sealing::{EncryptionContext, SecretError};

impl Flow<'_> {
    pub(super) async fn prepare(&self, work: Work) -> Next {
        let is_open = work.open_session().is_some();
        if work.is_cancelled() && !is_open {
            return Err(self
                .cancel(&work, Reason::CancelledByUser, Change::default())
                .await);
        }
        if let Some(reason) = work.disconnected() {
            return Err(self.needs_attention(&work, reason).await);
        }
        if let Some(until) = work
            .upload
            .next_attempt_at
            .filter(|until| *until > work.now)
            && !work.is_cancelled()
        {
            return Err(snooze_until(&work, until, "not_before"));
        }
        if is_open {
            // A session is there already: it is asked, whatever has become of everything else.
            self.take_turn().await?;
            return self.call("resume_upload_session", json!({})).await;
        }
        self.check_ready(&work).await?;
        // No quota is taken for an upload that cannot begin: the channel is asked for first, and the file.
        self.access(&work).await?;
        let file = self.render_file(&work).await?;
        let turn = self.take_turn().await?;
        let reservation = turn.quota.and_then(|quota| quota.reservation);
        self.open_session(turn.work, &file, reservation).await
    }

    async fn check_ready(&self, work: &Work) -> Result<(), Outcome> {
        let reason = if !work.channel.features.upload || !work.channel.features.read {
            Reason::ScopeMissing
        } else if work.now > work.upload.publish_at + LATE {
            Reason::SlotMissed
        } else {
            match work.render {
                Readiness::Ready => return Ok(()),
                Readiness::Failed => Reason::RenderFailed,
                Readiness::Unconfirmed => Reason::RenderUnconfirmed,
                Readiness::Running => {
                    self.store(work, Change::to(State::Scheduled, Reason::RenderRunning))
                        .await?;
                    // The render's end wakes this step; the wait is for what gets lost.
                    return Err(snooze(SignedDuration::from_mins(10), "render_running"));
                }
            }
        };
        Err(self.needs_attention(work, reason).await)
    }

    /// Takes the channel's turn and one upload of the day's quota, or waits for them.
    async fn take_turn(&self) -> Result<Turn, Outcome> {
        let turn: Turn = self.call("prepare_upload", json!({})).await?;
        if turn.turn {
            return Ok(turn);
        }
        Err(match turn.work.upload.next_attempt_at {
            Some(until) => snooze_until(&turn.work, until, "upload_quota_used_up"),
            // The end of the other upload wakes this one; the wait is for what gets lost.
            None => snooze(SignedDuration::from_mins(2), "channel_busy"),
        })
    }
}

#[derive(Deserialize)]
struct Recorded {
    recorded: bool,
    work: Work,
}

impl Flow<'_> {
    /// Opens a session. `reservation` is the upload's one of the day's quota.
    async fn open_session(&self, work: Work, file: &Source, reservation: Option<Uuid>) -> Next {
        let uri = self.start_upload(&work, file, reservation).await?;
        #[cfg(feature = "crash-proof-off")]
        self.send_unrecorded(&work, &uri, file).await?;
        let id = Uuid::now_v7();
        let session = json!({
            "id": id,
            "session_uri": self.seal(&work, id, &uri)?,
            "publish_at": work.upload.publish_at,
            "bytes_total": file.total(),
            "source_sha256": file.sha256(),
        });
        // Not a byte before this is committed: from here on a killed run finds the session again.
        let arguments = json!({
            "p_version": work.upload.version, "p_reservation": reservation, "p_session": session,
        });
        let recorded: Recorded = self.call("record_upload_session", arguments).await?;
        if !recorded.recorded {
            tracing::info!(upload.id = %work.upload.id, "the upload was changed while its session was opened");
        }
        Ok(recorded.work)
    }

    async fn start_upload(
        &self,
        work: &Work,
        file: &Source,
        reservation: Option<Uuid>,
    ) -> Result<SessionUri, Outcome> {
        let upload = &work.upload;
        let marker = metadata::marker(upload.id.0);
        let tags = upload.tags.iter().chain([&marker]);
        let video = &NewVideo {
            title: &upload.title,
            description: &upload.description,
            tags: tags.map(String::as_str).collect(),
            category_id: &upload.category_id,
            language: upload.language.as_deref(),
            publish_at: upload.publish_at,
            made_for_kids: upload.made_for_kids,
            altered_content: upload.altered_content,
            notify_subscribers: upload.notify_subscribers,
            file_name: &format!("{marker}.mp4"),
            content_type: file.content_type(),
            bytes_total: file.total(),
        };
        let youtube = &self.youtube;
        let start = |token| async move { youtube.start_upload(&token, video, deadline()).await };
        let error = match self.access(work).await?.call(start).await {
            Ok(uri) => return Ok(uri),
            Err(error) => error,
        };
        // A start that was refused counts as one of the day's uploads, as far as anybody knows.
        if let Some(reservation) = reservation.map(Reservation) {
            let exhausted = error.youtube_kind() == Some(ErrorKind::DailyQuota);
            reservation.settle(&self.engine, 1, exhausted).await?;
        }
        Err(self.on_start_error(work, error).await)
    }

    pub(super) fn seal(
        &self,
        work: &Work,
        session: Uuid,
        uri: &SessionUri,
    ) -> Result<String, Outcome> {
        self.keys
            .seal(&encryption_context(work, session), uri.expose())
            .map_err(|error| unreadable(&error))
    }

    pub(super) fn unseal(
        &self,
        work: &Work,
        session: &UploadSession,
    ) -> Result<SessionUri, Outcome> {
        let sealed = session.session_uri.as_deref().unwrap_or_default();
        self.keys
            .open(&encryption_context(work, session.id), sealed)
            .map(SessionUri::new)
            .map_err(|error| unreadable(&error))
    }
}

fn encryption_context(work: &Work, session: Uuid) -> EncryptionContext {
    EncryptionContext {
        table: "private.upload_sessions",
        column: "session_uri",
        row: session,
        owner: work.channel.id.0,
    }
}

fn unreadable(error: &SecretError) -> Outcome {
    Outcome::retry("secret_unreadable", error.to_string())
}

impl Flow<'_> {
    async fn render_file(&self, work: &Work) -> Result<Source, Outcome> {
        match rendering::source_of(self.ctx.config(), work.upload.render_id).await {
            Ok(file) => Ok(file),
            Err(error) => Err(self.on_file_error(work, &error).await),
        }
    }

    /// The file of which `session` has a part already.
    pub(super) async fn same_render_file(
        &self,
        work: &Work,
        session: &UploadSession,
    ) -> Result<Source, Outcome> {
        let file = self.render_file(work).await?;
        if is_same(&file, session) {
            return Ok(file);
        }
        let message = "The rendered file is not the one of which a part was sent.";
        let error = StepError::new("file_changed", message);
        Err(self
            .needs_attention_after(work, Reason::FileUnavailable, error)
            .await)
    }

    pub(super) async fn on_file_error(&self, work: &Work, error: &SourceError) -> Outcome {
        let note = StepError::new("file_unreadable", error.to_string());
        if !error.is_transient() && !matches!(error, SourceError::Db(_)) {
            return self
                .needs_attention_after(work, Reason::FileUnavailable, note)
                .await;
        }
        let change = Change::default().error(note.clone());
        let retry = Outcome::Retry {
            after: None,
            error: note,
        };
        self.store_then(work, change, |_| retry).await
    }
}

fn is_same(file: &Source, session: &UploadSession) -> bool {
    let hashes = session.source_sha256.as_deref().zip(file.sha256());
    file.total() == session.bytes_total && hashes.is_none_or(|(before, now)| before == now)
}
