//! Upload sessions: opened, and stored encrypted before their first byte.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::flow::{Flow, Next, deadline};
use super::work::{UploadSession, Work};
use crate::pipeline::Outcome;
use crate::publishing::metadata;
use crate::quota::Reservation;
use crate::rendering::Source;
use clients::youtube::ErrorKind;
use clients::youtube::upload::{NewVideo, SessionUri};
use platform::sealing::{EncryptionContext, SecretError};

#[derive(Deserialize)]
struct Recorded {
    recorded: bool,
    work: Work,
}

impl Flow<'_> {
    /// Opens a session. `reservation` is the upload's one of the day's quota.
    pub(super) async fn open_session(
        &self,
        work: Work,
        file: &Source,
        reservation: Option<Uuid>,
    ) -> Next {
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
