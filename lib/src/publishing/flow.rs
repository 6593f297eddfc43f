//! The way of one upload, from its schedule to a public video.
//!
//! Each run reads the upload's own state and takes it as far as it can within a slice. What keeps a killed run from doing
//! harm is the order: quota and turn are taken in one transaction; the session is committed before its first byte; after
//! any doubt the session is asked before anything is sent; a session that is gone leads to `outcome_unknown`, which only
//! a look at the channel leaves; and every write is refused once the claim was taken over.

use std::ops::Range;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::{self, Bucket, Reservation};
use super::metadata;
use super::reconcile::{self, Sought, Verdict};
use super::state::{Reason, UploadState as State};
use super::uploads::{Intent, Row};
use crate::channels::access::{self, Access, AccessError};
use crate::channels::{ChannelState, Disconnection};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use crate::rendering::{self, Reading, Source, SourceError};
use clients::quota_day::QuotaDay;
use clients::youtube::manage::{MAX_IDS, OwnVideo, Publication};
use clients::youtube::upload::{NewVideo, Outcome as Sent, SessionUri};
use clients::youtube::{Error as YouTubeError, ErrorKind, YouTube};
use platform::clock;
use platform::db::{Db, DbError};
use platform::ids::ChannelId;
use platform::keys;
use platform::outbound;
use platform::sealing::{EncryptionContext, KeyRing, SecretError};

/// An upload that could not begin before its time is still made this much later; then its owner decides.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// A session opened with another publish time is given up when that time comes this near.
const OLD_TIME_NEAR: SignedDuration = SignedDuration::from_mins(10);
/// How long a piece of a stalled worker may still arrive.
const IN_FLIGHT: SignedDuration = SignedDuration::from_secs(150);
/// How long a new video may be missing from `videos.list` before it counts as deleted.
const LISTED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How long YouTube may take to publish after the time.
const PUBLISH_LAG: SignedDuration = SignedDuration::from_mins(10);
/// Between two looks for a video that is not listed.
const LOOK_TWICE: SignedDuration = SignedDuration::from_secs(15);
/// A video that waits for its time is looked at this often.
const WATCH_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// The channel accepts no more uploads for this long.
const CHANNEL_LIMIT: SignedDuration = SignedDuration::from_hours(24);
/// One call, unless it sends a piece.
const CALL: Duration = Duration::from_secs(15);
/// One piece.
const PIECE: Duration = Duration::from_secs(120);
/// While pieces go through quickly, how far they have come is stored this often.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// Doubts in one slice, before the step backs off.
const DOUBTS: u32 = 4;
/// Pages of the uploads playlist that a look goes through.
const LOOK_PAGES: usize = 10;
/// What a piece of work needs to be begun in this slice.
const WORTH_STARTING: Duration = Duration::from_secs(2);

/// Everything the database knows about the upload, as one function tells it.
#[derive(Clone, Debug, Deserialize)]
struct Work {
    upload: Row,
    now: Timestamp,
    channel: Channel,
    render: Readiness,
    session: Option<Session>,
}

/// All that publishing needs to know of a render.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Readiness {
    Ready,
    Running,
    Failed,
}

#[derive(Clone, Debug, Deserialize)]
struct Channel {
    id: ChannelId,
    state: ChannelState,
    state_reason: Option<Disconnection>,
    #[serde(default)]
    features: Value,
    uploads_playlist_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Session {
    id: Uuid,
    session_uri: Option<String>,
    publish_at: Option<Timestamp>,
    bytes_total: u64,
    bytes_sent: u64,
    source_sha256: Option<String>,
    looks: u32,
    last_look_at: Option<Timestamp>,
    opened_at: Timestamp,
    ended_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Turn {
    turn: bool,
    quota: Option<Quota>,
    work: Work,
}

#[derive(Deserialize)]
struct Quota {
    reservation: Option<Uuid>,
}

#[derive(Deserialize)]
struct Recorded {
    recorded: bool,
    work: Work,
}

/// What follows a piece of work: more of it, or the claim's end.
type Next = Result<Box<Work>, Outcome>;

/// Runs an upload's step.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let Some(google) = &ctx.config().google else {
        return retry("not_configured", "Google's OAuth client is not configured.");
    };
    let flow = Flow {
        ctx,
        claim,
        engine: ctx.engine(),
        youtube: YouTube::new(outbound::transport().clone(), google),
        refused: None,
    };
    flow.run().await
}

struct Flow<'a> {
    ctx: &'a StepCtx,
    claim: &'a Claim,
    engine: Db,
    youtube: YouTube,
    /// The access token that YouTube did not accept in this slice.
    refused: Option<i64>,
}

impl Flow<'_> {
    async fn run(mut self) -> Outcome {
        let mut work: Box<Work> = match self.call("open_upload", json!({})).await {
            Ok(work) => work,
            Err(outcome) => return outcome,
        };
        loop {
            let next = match work.upload.state {
                State::Scheduled | State::Preparing => self.prepare(work).await,
                State::Uploading => self.send(work).await,
                State::OutcomeUnknown => self.search(work).await,
                State::Processing => self.follow(work).await,
                State::OnYoutube => self.watch(work).await,
                State::Draft
                | State::NeedsAttention
                | State::Published
                | State::Cancelled
                | State::Failed => {
                    return Outcome::Done;
                }
            };
            work = match next {
                Ok(_) if self.ctx.time_left() < WORTH_STARTING => return again("slice_over"),
                Ok(work) => work,
                Err(outcome) => return outcome,
            };
        }
    }

    // Before the first byte ------------------------------------------------------------------------------------------

    async fn prepare(&mut self, work: Box<Work>) -> Next {
        let open = work
            .session
            .as_ref()
            .filter(|session| session.ended_at.is_none());
        if work.upload.intent == Intent::KeepPrivate && open.is_none() {
            return self
                .end(&work, State::Cancelled, Reason::CancelledByUser, json!({}))
                .await;
        }
        if let Some(reason) = unconnected(&work.channel) {
            return self.attention(&work, reason, None).await;
        }
        if open.is_some() {
            // A session is there already: it is asked, whatever has become of everything else.
            let turn: Turn = self.call("prepare_upload", json!({})).await?;
            if !turn.turn {
                return wait_for_turn(&turn.work);
            }
            return self.call("resume_upload_session", json!({})).await;
        }
        if !work.channel.has("upload") || !work.channel.has("read") {
            return self.attention(&work, Reason::ScopeMissing, None).await;
        }
        if work
            .upload
            .publish_at
            .is_some_and(|at| work.now > at + LATE)
        {
            return self.attention(&work, Reason::SlotMissed, None).await;
        }
        match work.render {
            Readiness::Ready => {}
            Readiness::Failed => return self.attention(&work, Reason::RenderFailed, None).await,
            Readiness::Running => {
                self.note(
                    &work,
                    json!({ "state": State::Scheduled, "reason": Reason::RenderRunning }),
                )
                .await?;
                // The render's end wakes this step; the wait is for what gets lost.
                return wait(SignedDuration::from_mins(10), "render_running");
            }
        }
        let token = self.token(&work).await?;
        let source = match rendering::source_of(self.ctx.config(), work.upload.render_id).await {
            Ok(source) => source,
            Err(error) => return self.source_failed(&work, &error).await,
        };
        let turn: Turn = self.call("prepare_upload", json!({})).await?;
        if !turn.turn {
            return wait_for_turn(&turn.work);
        }
        let reservation = turn
            .quota
            .and_then(|quota| quota.reservation)
            .map(Reservation);
        self.open_session(Box::new(turn.work), token, &source, reservation)
            .await
    }

    async fn open_session(
        &mut self,
        work: Box<Work>,
        token: Access,
        source: &Source,
        reservation: Option<Reservation>,
    ) -> Next {
        let upload = &work.upload;
        let Some(publish_at) = upload.publish_at else {
            return Err(retry("no_publish_time", "The upload has no publish time."));
        };
        let marker = metadata::marker(upload.id.0);
        let file_name = format!("{marker}.mp4");
        let video = NewVideo {
            title: &upload.title,
            description: &upload.description,
            tags: upload
                .tags
                .iter()
                .map(String::as_str)
                .chain([marker.as_str()])
                .collect(),
            category_id: &upload.category_id,
            language: upload.language.as_deref(),
            publish_at,
            made_for_kids: upload.made_for_kids.unwrap_or_default(),
            altered_content: upload.altered_content.unwrap_or_default(),
            notify_subscribers: upload.notify_subscribers,
            file_name: &file_name,
            content_type: source.content_type(),
            bytes_total: source.total(),
        };
        let uri = match self
            .youtube
            .start_upload(&token.token, &video, deadline(CALL))
            .await
        {
            Ok(uri) => uri,
            Err(error) => {
                // A start that was refused counts as one of the day's uploads, as far as anybody knows.
                let exhausted = error.kind() == Some(ErrorKind::DailyQuota);
                self.settle(reservation, 1, exhausted).await?;
                if error.kind() == Some(ErrorKind::Unauthorized) {
                    return self.refresh(work, &token);
                }
                return self.refused(&work, &error, true).await;
            }
        };
        #[cfg(feature = "crash-proof-off")]
        self.send_unrecorded(&token, &uri, source).await?;
        let id = Uuid::now_v7();
        let sealed = self.seal(&work, id, &uri)?;
        let session = json!({
            "id": id,
            "session_uri": sealed,
            "publish_at": publish_at,
            "bytes_total": source.total(),
            "source_sha256": source.sha256(),
        });
        // Not a byte before this is committed: from here on a killed run finds the session again.
        let arguments = json!({
            "p_version": upload.version,
            "p_reservation": reservation.map(|reservation| reservation.0),
            "p_session": session,
        });
        let recorded: Recorded = self.call("record_upload_session", arguments).await?;
        if !recorded.recorded {
            tracing::info!(upload.id = %upload.id, "the upload was changed while its session was opened");
        }
        Ok(Box::new(recorded.work))
    }

    /// The mistake that the order above avoids: every byte leaves before the session is committed, so that a run that is
    /// killed in between opens another one. Built only to show that the crash rig sees the second video.
    #[cfg(feature = "crash-proof-off")]
    async fn send_unrecorded(
        &self,
        token: &Access,
        uri: &SessionUri,
        source: &Source,
    ) -> Result<(), Outcome> {
        let unreadable = |error: SourceError| retry("file_unreadable", &error.to_string());
        let reading = source.open(0).await.map_err(unreadable)?;
        let mut first = 0;
        while first < source.total() {
            let range = self.piece(first, source.total());
            let part = reading.part(range.end - range.start);
            let total = source.total();
            let sent = self
                .youtube
                .send_piece(&token.token, uri, part, range, total, deadline(PIECE))
                .await;
            match sent {
                Sent::Incomplete { next, .. } => first = next,
                Sent::Complete { .. } => break,
                _ => return Err(retry("unrecorded", "The session did not go well.")),
            }
        }
        Ok(())
    }

    // Sending --------------------------------------------------------------------------------------------------------

    async fn send(&mut self, mut work: Box<Work>) -> Next {
        let Some(session) = work
            .session
            .clone()
            .filter(|session| session.ended_at.is_none())
        else {
            return Err(retry(
                "session_missing",
                "The upload is being sent but has no session.",
            ));
        };
        let mut uri = self.unseal(&work, &session)?;
        let mut token = self.token(&work).await?;
        let mut source = None;
        let mut doubts = 0;
        let mut noted = Instant::now();
        let started_at = session.bytes_sent;
        let mut reached = started_at;
        // Nothing is known before the session was asked: another run may have sent more than it could store.
        let mut offset = None;
        let mut reading: Option<(Reading, Range<u64>)> = None;
        loop {
            let outcome = match offset {
                None => {
                    reading = None;
                    self.youtube
                        .ask_session(&token.token, &uri, session.bytes_total, deadline(CALL))
                        .await
                }
                Some(first) => {
                    if source.is_none() {
                        source =
                            match rendering::source_of(self.ctx.config(), work.upload.render_id)
                                .await
                            {
                                Ok(opened) if same_file(&opened, &session) => Some(opened),
                                Ok(_) => {
                                    return self
                                        .attention(
                                            &work,
                                            Reason::FileUnavailable,
                                            Some(&changed_file()),
                                        )
                                        .await;
                                }
                                Err(error) => return self.source_failed(&work, &error).await,
                            };
                    }
                    let Some(source) = source.as_ref() else {
                        continue;
                    };
                    let (file, read) = match reading.take().filter(|(_, read)| read.end == first) {
                        Some(reading) => reading,
                        None => match source.open(first).await {
                            Ok(file) => (file, first..first),
                            Err(error) => return self.source_failed(&work, &error).await,
                        },
                    };
                    let piece = self.piece(first, session.bytes_total);
                    let (part, end) = (file.part(piece.end - first), piece.end);
                    let (total, time) = (session.bytes_total, deadline(PIECE));
                    let sent = self
                        .youtube
                        .send_piece(&token.token, &uri, part, piece, total, time)
                        .await;
                    if let Some(error) = file.failure().await {
                        // A connection that carried whole pieces before it broke is worth another one at once.
                        if read.is_empty() || !error.is_transient() {
                            return self.source_failed(&work, &error).await;
                        }
                        offset = None;
                        continue;
                    }
                    reading = Some((file, read.start..end));
                    sent
                }
            };
            match outcome {
                Sent::Complete { video } => {
                    return self.call("adopt_video", json!({ "p_video": video })).await;
                }
                Sent::Incomplete { next, moved } => {
                    let left = session.bytes_total - next;
                    // Never the last piece before its beginning is stored: a session that is lost with less than that has made
                    // no video.
                    let is_note_due = offset.is_none()
                        || moved.is_some()
                        || left <= self.piece_bytes()
                        || noted.elapsed() >= NOTE_EVERY
                        || self.ctx.time_left() < WORTH_STARTING;
                    reached = next;
                    if !is_note_due {
                        offset = Some(next);
                        continue;
                    }
                    noted = Instant::now();
                    let sealed = match moved {
                        Some(moved) => {
                            let sealed = self.seal(&work, session.id, &moved)?;
                            uri = moved;
                            Some(sealed)
                        }
                        None => None,
                    };
                    let arguments = json!({ "p_session": session.id, "p_bytes_sent": next, "p_session_uri": sealed });
                    work = self.call("record_upload_progress", arguments).await?;
                    if work.upload.state != State::Uploading {
                        return Ok(work);
                    }
                    if let Some(next) = self.stop_sending(&work, &session, next).await {
                        return next;
                    }
                    if next == session.bytes_total {
                        // All bytes are there, and yet it is not done: it needs a moment.
                        doubts += 1;
                        if doubts > DOUBTS {
                            return Err(retry(
                                "not_finalised",
                                "YouTube has all bytes but does not finish the upload.",
                            ));
                        }
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        offset = None;
                    } else {
                        offset = Some(next);
                    }
                    if self.ctx.time_left() < WORTH_STARTING {
                        return Err(again("uploading"));
                    }
                }
                Sent::Gone => {
                    let change = json!({
                        "state": State::OutcomeUnknown, "reason": Reason::Reconciling, "session_outcome": "gone",
                    });
                    return self.note(&work, change).await;
                }
                Sent::Unauthorized => {
                    if self.refused.is_some() {
                        return Err(retry(
                            "unauthorized",
                            "YouTube does not accept a fresh access token.",
                        ));
                    }
                    self.refused = Some(token.version);
                    token = self.token(&work).await?;
                    offset = None;
                }
                Sent::Permanent(error) => return self.session_failed(&work, error.into()).await,
                Sent::Transient { after, code } => {
                    doubts += 1;
                    offset = None;
                    let pause =
                        after.unwrap_or_else(|| Duration::from_millis(250 << doubts.min(5)));
                    if doubts > DOUBTS || pause + WORTH_STARTING > self.ctx.time_left() {
                        let error = StepError::new(
                            code,
                            "YouTube does not answer the upload as it should.",
                        );
                        let change = json!({ "reason": Reason::YoutubeUnavailable, "error": stored(&error) });
                        self.note(&work, change).await?;
                        if reached > started_at {
                            return Err(Outcome::Continue {
                                after: pause,
                                reason: "youtube_unavailable",
                            });
                        }
                        return Err(Outcome::Retry { after, error });
                    }
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Whether an incomplete session is to be left: the upload was cancelled, its old time is near, or it is too late.
    async fn stop_sending(&self, work: &Work, session: &Session, next: u64) -> Option<Next> {
        let wanted = work.upload.publish_at;
        let old_time = session.publish_at.filter(|at| Some(*at) != wanted);
        let cancelled = work.upload.intent == Intent::KeepPrivate;
        let superseded = old_time.is_some_and(|at| at <= work.now + OLD_TIME_NEAR);
        let missed = wanted.is_some_and(|at| work.now > at + LATE);
        if !cancelled && !superseded {
            return if missed {
                Some(self.attention(work, Reason::SlotMissed, None).await)
            } else {
                None
            };
        }
        // An incomplete session never becomes a video, unless the rest of it is on its way from a run that stalled.
        let rest = session.bytes_total.saturating_sub(next);
        let noticed = work
            .session
            .as_ref()
            .filter(|session| session.looks > 0)
            .and_then(|session| session.last_look_at);
        if rest <= self.piece_bytes() {
            match noticed {
                None => {
                    if let Err(outcome) = self.note(work, json!({ "looked": session.id })).await {
                        return Some(Err(outcome));
                    }
                    return Some(wait(IN_FLIGHT, "last_piece_may_be_on_its_way"));
                }
                Some(at) if work.now < at + IN_FLIGHT => {
                    return Some(wait(
                        (at + IN_FLIGHT).duration_since(work.now),
                        "last_piece_may_be_on_its_way",
                    ));
                }
                Some(_) => {}
            }
        }
        Some(if cancelled {
            self.end(
                work,
                State::Cancelled,
                Reason::CancelledByUser,
                json!({ "session_outcome": "abandoned" }),
            )
            .await
        } else {
            let change = json!({ "state": State::Scheduled, "reason": null, "session_outcome": "abandoned" });
            self.note(work, change).await
        })
    }

    fn piece(&self, first: u64, total: u64) -> Range<u64> {
        first..total.min(first + self.piece_bytes())
    }

    fn piece_bytes(&self) -> u64 {
        u64::from(self.ctx.config().limits.upload_piece_bytes)
    }

    // After a session was lost ---------------------------------------------------------------------------------------

    async fn search(&mut self, work: Box<Work>) -> Next {
        if let Some(reason) = unconnected(&work.channel) {
            return self.attention(&work, reason, None).await;
        }
        let (Some(session), Some(playlist)) = (
            work.session.clone(),
            work.channel.uploads_playlist_id.clone(),
        ) else {
            return self.attention(&work, Reason::OutcomeAmbiguous, None).await;
        };
        let token = self.token(&work).await?;
        let videos = match self
            .candidates(
                &work,
                &token,
                &playlist,
                reconcile::since(session.opened_at),
            )
            .await?
        {
            Ok(videos) => videos,
            Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => {
                return self.refresh(work, &token);
            }
            Err(error) => return self.refused(&work, &error, false).await,
        };
        let marker = metadata::marker(work.upload.id.0);
        let sought = Sought {
            marker: &marker,
            title: &work.upload.title,
            bytes_total: session.bytes_total,
            bytes_sent: session.bytes_sent,
            in_flight: 2 * self.piece_bytes(),
            opened_at: session.opened_at,
            looks: session.looks,
        };
        match reconcile::decide(&sought, &videos) {
            Verdict::Found(video) => self.call("adopt_video", json!({ "p_video": video })).await,
            Verdict::Ambiguous(videos) => {
                let message = format!("These videos could be it: {}.", videos.join(", "));
                self.attention(
                    &work,
                    Reason::OutcomeAmbiguous,
                    Some(&StepError::new("several_videos", message)),
                )
                .await
            }
            Verdict::LookAgain(pause) => {
                self.note(
                    &work,
                    json!({ "looked": session.id, "reason": Reason::Reconciling }),
                )
                .await?;
                wait(pause, "reconciling")
            }
            Verdict::None if work.upload.intent == Intent::KeepPrivate => {
                self.end(
                    &work,
                    State::Cancelled,
                    Reason::CancelledByUser,
                    json!({ "session_settled": true }),
                )
                .await
            }
            Verdict::None => {
                self.note(
                    &work,
                    json!({ "state": State::Scheduled, "reason": null, "session_settled": true }),
                )
                .await
            }
        }
    }

    /// The channel's videos since `since` that no upload of ours has become.
    async fn candidates(
        &self,
        work: &Work,
        token: &Access,
        playlist: &str,
        since: Timestamp,
    ) -> Result<Result<Vec<OwnVideo>, YouTubeError>, Outcome> {
        let mut page = None;
        let mut found = Vec::new();
        for _ in 0..LOOK_PAGES {
            let listed = self
                .metered(
                    work,
                    1,
                    self.youtube.newest_uploads(
                        &token.token,
                        playlist,
                        page.as_deref(),
                        deadline(CALL),
                    ),
                )
                .await?;
            let listed = match listed {
                Ok(listed) => listed,
                Err(error) => return Ok(Err(error)),
            };
            found.extend(listed.videos);
            page = listed
                .next
                .filter(|_| listed.oldest.is_none_or(|oldest| oldest >= since));
            if page.is_none() {
                break;
            }
        }
        let unclaimed: Vec<String> = self
            .call("unclaimed_videos", json!({ "p_videos": found }))
            .await?;
        let mut videos = Vec::new();
        for ids in unclaimed.chunks(MAX_IDS) {
            match self
                .metered(
                    work,
                    1,
                    self.youtube.own_videos(&token.token, ids, deadline(CALL)),
                )
                .await?
            {
                Ok(some) => videos.extend(some),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(videos))
    }

    // On YouTube -----------------------------------------------------------------------------------------------------

    async fn follow(&mut self, mut work: Box<Work>) -> Next {
        let (token, video) = match self.video(&work).await? {
            Seen::Video(token, video) => (token, video),
            Seen::Missing => return self.missing(&work).await,
            Seen::Refused(token) => return self.refresh(work, &token),
            Seen::Error(error) => return self.refused(&work, &error, false).await,
        };
        // What was seen is judged by the time at which it was seen.
        work.now = clock::now();
        if video.is_public() {
            return self.published(&work, &video).await;
        }
        match (
            video.upload_status.as_str(),
            video.processing_status.as_deref(),
        ) {
            ("rejected", _) => return self.fail(&work, Reason::RejectedByYoutube, &video).await,
            ("failed", _) | (_, Some("failed" | "terminated")) => {
                return self.fail(&work, Reason::ProcessingFailed, &video).await;
            }
            ("deleted", _) => return self.attention(&work, Reason::DeletedOnYoutube, None).await,
            _ => {}
        }
        if work.upload.intent == Intent::KeepPrivate {
            return self.keep_private(work, &token, &video).await;
        }
        // The right time does not wait for processing: the old one might come first.
        if work.upload.publish_at != work.upload.youtube_publish_at {
            return self.retell(work, token, &video).await;
        }
        let processed = video.upload_status == "processed"
            || video.processing_status.as_deref() == Some("succeeded");
        if processed {
            return self
                .note(&work, json!({ "state": State::OnYoutube, "reason": null }))
                .await;
        }
        self.note(&work, json!({ "reason": Reason::YoutubeProcessing }))
            .await?;
        let age = work.now.duration_since(work.upload.state_changed_at);
        let pause = (age / 4).clamp(SignedDuration::from_secs(5), SignedDuration::from_mins(5));
        wait(pause, "youtube_processing")
    }

    async fn watch(&mut self, mut work: Box<Work>) -> Next {
        let Some(publish_at) = work.upload.publish_at else {
            return Err(retry("no_publish_time", "The upload has no publish time."));
        };
        let (token, video) = match self.video(&work).await? {
            Seen::Video(token, video) => (token, video),
            Seen::Missing => return self.not_listed(&work).await,
            Seen::Refused(token) => return self.refresh(work, &token),
            Seen::Error(error) => return self.refused(&work, &error, false).await,
        };
        // What was seen is judged by the time at which it was seen.
        work.now = clock::now();
        if video.is_public() {
            return self.published(&work, &video).await;
        }
        if work.upload.reason.is_some() {
            return self
                .note(
                    &work,
                    json!({ "reason": null, "error": null, "next_attempt_at": null }),
                )
                .await;
        }
        match video.upload_status.as_str() {
            "rejected" => return self.fail(&work, Reason::RejectedByYoutube, &video).await,
            "deleted" => return self.attention(&work, Reason::DeletedOnYoutube, None).await,
            _ => {}
        }
        if work.upload.intent == Intent::KeepPrivate {
            return self.keep_private(work, &token, &video).await;
        }
        if work.upload.publish_at != work.upload.youtube_publish_at {
            return self.retell(work, token, &video).await;
        }
        let late = work.now.duration_since(publish_at);
        match video.publish_at.filter(|_| video.privacy == "private") {
            // Taken off the schedule by hand. Around the time itself YouTube may be in the middle of publishing.
            None if late < SignedDuration::ZERO || late > PUBLISH_LAG => {
                self.attention(&work, Reason::HeldPrivate, None).await
            }
            // Moved by hand: the newer word counts.
            Some(moved) if moved.as_second() != publish_at.as_second() && moved > work.now => {
                let change = json!({ "publish_at": moved, "youtube_publish_at": moved });
                self.note(&work, change).await
            }
            _ if late < SignedDuration::ZERO => {
                // A little after the time, so that one look is enough.
                let until = (-late + SignedDuration::from_secs(3)).min(WATCH_EVERY);
                wait(until, "publish_time")
            }
            _ if late <= PUBLISH_LAG => wait(SignedDuration::from_secs(20), "youtube_publishes"),
            _ => {
                // Private with a time that is long over: YouTube has missed it, so we do it.
                let set = self.youtube.set_publication(
                    &token.token,
                    &video,
                    Publication::Now,
                    deadline(CALL),
                );
                match self.metered(&work, 50, set).await? {
                    Ok(_) => {
                        let change = json!({ "state": State::Published, "reason": Reason::PublishedLate, "published_at": work.now });
                        self.note(&work, change).await
                    }
                    Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => {
                        self.refresh(work, &token)
                    }
                    Err(error) => self.refused(&work, &error, false).await,
                }
            }
        }
    }

    async fn published(&self, work: &Work, video: &OwnVideo) -> Next {
        let early = work.upload.publish_at.is_some_and(|at| work.now < at);
        let (reason, at) = if early {
            (Reason::MadePublicByHand, Some(work.now))
        } else {
            (Reason::OnTime, work.upload.publish_at)
        };
        tracing::info!(upload.id = %work.upload.id, video.id = video.id, reason = reason.as_str(), "published");
        self.note(
            work,
            json!({ "state": State::Published, "reason": reason, "published_at": at }),
        )
        .await
    }

    /// Tells YouTube the time that is wanted now.
    async fn retell(&mut self, work: Box<Work>, token: Access, video: &OwnVideo) -> Next {
        let Some(publish_at) = work.upload.publish_at else {
            return Err(retry("no_publish_time", "The upload has no publish time."));
        };
        if video
            .publish_at
            .is_some_and(|told| told.as_second() == publish_at.as_second())
        {
            return self
                .note(&work, json!({ "youtube_publish_at": publish_at }))
                .await;
        }
        if !work.channel.has("manage") {
            return self.attention(&work, Reason::ScopeMissing, None).await;
        }
        if work.now > publish_at + LATE {
            return self.attention(&work, Reason::SlotMissed, None).await;
        }
        let publication = if work.now < publish_at {
            Publication::At(publish_at)
        } else {
            Publication::Now
        };
        let set = self
            .youtube
            .set_publication(&token.token, video, publication, deadline(CALL));
        match self.metered(&work, 50, set).await? {
            Ok(_) => {
                self.note(&work, json!({ "youtube_publish_at": publish_at }))
                    .await
            }
            Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => {
                self.refresh(work, &token)
            }
            Err(error) => self.refused(&work, &error, false).await,
        }
    }

    /// Takes the time off a video, so that it is never published by itself.
    async fn keep_private(&mut self, work: Box<Work>, token: &Access, video: &OwnVideo) -> Next {
        if video.privacy == "private" && video.publish_at.is_some() {
            if !work.channel.has("manage") {
                return self.attention(&work, Reason::ScopeMissing, None).await;
            }
            let set = self.youtube.set_publication(
                &token.token,
                video,
                Publication::Never,
                deadline(CALL),
            );
            match self.metered(&work, 50, set).await? {
                Ok(_) => {}
                Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => {
                    return self.refresh(work, token);
                }
                Err(error) => return self.refused(&work, &error, false).await,
            }
        }
        self.end(
            &work,
            State::Cancelled,
            Reason::KeptPrivate,
            json!({ "youtube_publish_at": null }),
        )
        .await
    }

    async fn missing(&self, work: &Work) -> Next {
        let age = work.now.duration_since(work.upload.state_changed_at);
        if age < LISTED_AFTER {
            return wait(SignedDuration::from_secs(20), "not_listed_yet");
        }
        if work.upload.intent == Intent::KeepPrivate {
            return self
                .end(work, State::Cancelled, Reason::CancelledByUser, json!({}))
                .await;
        }
        self.attention(work, Reason::DeletedOnYoutube, None).await
    }

    /// A video that is missing once may only have been left out; missing twice, it is gone.
    async fn not_listed(&self, work: &Work) -> Next {
        if work.upload.reason.as_deref() != Some(Reason::NotListed.as_str()) {
            self.note(work, json!({ "reason": Reason::NotListed }))
                .await?;
            return wait(LOOK_TWICE, "not_listed");
        }
        if work.upload.intent == Intent::KeepPrivate {
            return self
                .end(work, State::Cancelled, Reason::CancelledByUser, json!({}))
                .await;
        }
        self.attention(work, Reason::DeletedOnYoutube, None).await
    }

    async fn fail(&self, work: &Work, reason: Reason, video: &OwnVideo) -> Next {
        let code = video
            .reason
            .clone()
            .unwrap_or_else(|| video.upload_status.clone());
        let error = StepError::new(
            code,
            "YouTube's own word for why it did not accept the video.",
        );
        self.note(
            work,
            json!({ "state": State::Failed, "reason": reason, "error": stored(&error) }),
        )
        .await
    }

    // Means ----------------------------------------------------------------------------------------------------------

    /// The upload's own video as YouTube sees it.
    async fn video(&self, work: &Work) -> Result<Seen, Outcome> {
        if let Some(reason) = unconnected(&work.channel) {
            return Err(self
                .attention(work, reason, None)
                .await
                .err()
                .unwrap_or(Outcome::Done));
        }
        let Some(id) = work.upload.youtube_video_id.clone() else {
            return Err(retry("video_missing", "The upload has no video."));
        };
        let token = self.token(work).await?;
        let ids = [id];
        let videos = self
            .metered(
                work,
                1,
                self.youtube.own_videos(&token.token, &ids, deadline(CALL)),
            )
            .await?;
        Ok(match videos {
            Ok(videos) => match videos.into_iter().find(|video| video.id == ids[0]) {
                Some(video) => Seen::Video(token, Box::new(video)),
                None => Seen::Missing,
            },
            Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => Seen::Refused(token),
            Err(error) => Seen::Error(error),
        })
    }

    /// An access token of the channel; one that YouTube refused in this slice is not taken again.
    async fn token(&self, work: &Work) -> Result<Access, Outcome> {
        match access::token(
            &self.engine,
            self.ctx.config(),
            work.channel.id,
            self.refused,
        )
        .await
        {
            Ok(token) => Ok(token),
            Err(AccessError::Disconnected(why)) => Err(self
                .attention(work, stopped_by(Some(why)), None)
                .await
                .err()
                .unwrap_or(Outcome::Done)),
            Err(error) => Err(error.outcome()),
        }
    }

    /// Has the next call use a fresh token, once in a slice.
    fn refresh(&mut self, work: Box<Work>, refused: &Access) -> Next {
        if self.refused.replace(refused.version).is_some() {
            return Err(retry(
                "unauthorized",
                "YouTube does not accept a fresh access token.",
            ));
        }
        Ok(work)
    }

    /// Makes a call that costs units of the daily pool: reserved before, settled after.
    async fn metered<T>(
        &self,
        work: &Work,
        units: u32,
        call: impl Future<Output = Result<T, YouTubeError>>,
    ) -> Result<Result<T, YouTubeError>, Outcome> {
        let reservation = match ledger::reserve(&self.engine, Bucket::Units, units).await {
            Ok(Ok(reservation)) => reservation,
            Ok(Err(used_up)) => return Err(self.wait_for_quota(work, used_up.resets_at).await),
            Err(error) => return Err(db_failed(&error)),
        };
        let answer = call.await;
        let exhausted =
            matches!(&answer, Err(error) if error.kind() == Some(ErrorKind::DailyQuota));
        self.settle(Some(reservation), units, exhausted).await?;
        Ok(answer)
    }

    async fn settle(
        &self,
        reservation: Option<Reservation>,
        spent: u32,
        exhausted: bool,
    ) -> Result<(), Outcome> {
        match reservation {
            Some(reservation) => reservation
                .settle(&self.engine, spent, exhausted)
                .await
                .map_err(|error| db_failed(&error)),
            None => Ok(()),
        }
    }

    async fn wait_for_quota(&self, work: &Work, until: Timestamp) -> Outcome {
        let change = json!({ "reason": Reason::QuotaUsedUp, "next_attempt_at": until });
        match self.note(work, change).await {
            Ok(work) => Outcome::Snooze {
                after: until_then(&work, until),
                reason: "quota_used_up",
            },
            Err(outcome) => outcome,
        }
    }

    /// What YouTube's refusal of anything but a session asks for. `starting`: no session was opened.
    async fn refused(&self, work: &Work, error: &YouTubeError, starting: bool) -> Next {
        let note = StepError::new(error.code(), error.to_string());
        let reason = match error.kind() {
            Some(ErrorKind::DailyQuota) => {
                let until = QuotaDay::of(work.now).end();
                if starting {
                    return self
                        .back_to_schedule(work, Reason::UploadQuotaUsedUp, until, &note)
                        .await;
                }
                return Err(self.wait_for_quota(work, until).await);
            }
            Some(ErrorKind::UploadLimit) if starting => {
                return self
                    .back_to_schedule(
                        work,
                        Reason::ChannelUploadLimit,
                        work.now + CHANNEL_LIMIT,
                        &note,
                    )
                    .await;
            }
            Some(ErrorKind::NoChannel) => Reason::ChannelMissing,
            Some(ErrorKind::ScopeMissing) => Reason::ScopeMissing,
            Some(ErrorKind::AccountBroken) => Reason::ChannelBlocked,
            Some(ErrorKind::Invalid) if starting => Reason::MetadataRejected,
            Some(ErrorKind::NotFound) if work.upload.youtube_video_id.is_some() => {
                Reason::DeletedOnYoutube
            }
            Some(kind) if !kind.is_transient() && kind != ErrorKind::ThumbnailLimit => {
                Reason::YoutubeRefused
            }
            _ => {
                self.note(
                    work,
                    json!({ "reason": Reason::YoutubeUnavailable, "error": stored(&note) }),
                )
                .await?;
                return Err(Outcome::Retry {
                    after: error.retry_after(),
                    error: note,
                });
            }
        };
        self.attention(work, reason, Some(&note)).await
    }

    /// What the final refusal of a session asks for. It has made no video: YouTube repeats a failure as it repeats a success.
    async fn session_failed(&self, work: &Work, error: YouTubeError) -> Next {
        let note = StepError::new(error.code(), error.to_string());
        let (reason, ended) = match error.kind() {
            // The day or the permission is the trouble, not the session: it is asked again later.
            Some(ErrorKind::DailyQuota) => {
                return self
                    .back_to_schedule(
                        work,
                        Reason::UploadQuotaUsedUp,
                        QuotaDay::of(work.now).end(),
                        &note,
                    )
                    .await;
            }
            Some(ErrorKind::ScopeMissing) => (Reason::ScopeMissing, false),
            Some(ErrorKind::AccountBroken) => (Reason::ChannelBlocked, false),
            Some(ErrorKind::UploadLimit) => {
                let until = work.now + CHANNEL_LIMIT;
                let change = json!({
                    "state": State::Scheduled, "reason": Reason::ChannelUploadLimit, "next_attempt_at": until,
                    "error": stored(&note), "session_outcome": "refused",
                });
                let work = self.note(work, change).await?;
                return Err(Outcome::Snooze {
                    after: until_then(&work, until),
                    reason: "channel_upload_limit",
                });
            }
            Some(ErrorKind::NoChannel) => (Reason::ChannelMissing, true),
            Some(ErrorKind::Invalid) => (Reason::MetadataRejected, true),
            _ => (Reason::YoutubeRefused, true),
        };
        let mut change =
            json!({ "state": State::NeedsAttention, "reason": reason, "error": stored(&note) });
        if ended {
            change["session_outcome"] = "refused".into();
        }
        self.note(work, change).await
    }

    async fn back_to_schedule(
        &self,
        work: &Work,
        reason: Reason,
        until: Timestamp,
        error: &StepError,
    ) -> Next {
        let change = json!({
            "state": State::Scheduled, "reason": reason, "next_attempt_at": until, "error": stored(error),
        });
        let work = self.note(work, change).await?;
        Err(Outcome::Snooze {
            after: until_then(&work, until),
            reason: "until_next_attempt",
        })
    }

    async fn source_failed(&self, work: &Work, error: &SourceError) -> Next {
        let note = StepError::new("file_unreadable", error.to_string());
        if !error.is_transient() && !matches!(error, SourceError::Db(_)) {
            return self
                .attention(work, Reason::FileUnavailable, Some(&note))
                .await;
        }
        self.note(work, json!({ "error": stored(&note) })).await?;
        Err(Outcome::Retry {
            after: None,
            error: note,
        })
    }

    async fn attention(&self, work: &Work, reason: Reason, error: Option<&StepError>) -> Next {
        let mut change = json!({ "state": State::NeedsAttention, "reason": reason });
        if let Some(error) = error {
            change["error"] = stored(error);
        }
        self.settled(work, change).await
    }

    async fn end(&self, work: &Work, state: State, reason: Reason, mut change: Value) -> Next {
        change["state"] = json!(state);
        change["reason"] = json!(reason);
        change["error"] = Value::Null;
        self.settled(work, change).await
    }

    /// A change after which this step has nothing left to do, unless somebody else changed the upload first.
    async fn settled(&self, work: &Work, change: Value) -> Next {
        let wanted = change["state"].clone();
        let work = self.note(work, change).await?;
        if json!(work.upload.state) == wanted {
            Err(Outcome::Done)
        } else {
            Ok(work)
        }
    }

    /// Notes a change, if the upload is still where it was.
    async fn note(&self, work: &Work, change: Value) -> Next {
        self.call(
            "advance_upload",
            json!({ "p_from": work.upload.state, "p_change": change }),
        )
        .await
    }

    /// Calls a function that holds the step.
    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        function: &str,
        arguments: Value,
    ) -> Result<T, Outcome> {
        self.ctx
            .fenced(self.claim, function, arguments)
            .await
            .map_err(|error| db_failed(&error))
    }

    fn seal(&self, work: &Work, session: Uuid, uri: &SessionUri) -> Result<String, Outcome> {
        self.keys()?
            .seal(&encryption_context(&work.channel, session), uri.expose())
            .map_err(|error| secret_failed(&error))
    }

    fn unseal(&self, work: &Work, session: &Session) -> Result<SessionUri, Outcome> {
        let sealed = session.session_uri.as_deref().unwrap_or_default();
        self.keys()?
            .open(&encryption_context(&work.channel, session.id), sealed)
            .map(SessionUri::new)
            .map_err(|error| secret_failed(&error))
    }

    fn keys(&self) -> Result<&'static KeyRing, Outcome> {
        match keys::ring(self.ctx.config()) {
            Some(Ok(ring)) => Ok(ring),
            Some(Err(error)) => Err(secret_failed(error)),
            None => Err(retry(
                "not_configured",
                "TOKEN_ENCRYPTION_KEYS is not configured.",
            )),
        }
    }
}

enum Seen {
    Video(Access, Box<OwnVideo>),
    Missing,
    Refused(Access),
    Error(YouTubeError),
}

impl Channel {
    fn has(&self, feature: &str) -> bool {
        self.features
            .get(feature)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }
}

fn unconnected(channel: &Channel) -> Option<Reason> {
    (channel.state != ChannelState::Connected).then(|| stopped_by(channel.state_reason))
}

fn stopped_by(why: Option<Disconnection>) -> Reason {
    match why {
        Some(Disconnection::GrantRevoked) => Reason::GrantRevoked,
        Some(Disconnection::SessionControl | Disconnection::Erasing) | None => {
            Reason::ChannelDisconnected
        }
    }
}

fn same_file(source: &Source, session: &Session) -> bool {
    source.total() == session.bytes_total
        && session
            .source_sha256
            .as_deref()
            .is_none_or(|before| source.sha256().is_none_or(|now| now == before))
}

fn changed_file() -> StepError {
    StepError::new(
        "file_changed",
        "The rendered file is not the one of which a part was sent.",
    )
}

fn encryption_context(channel: &Channel, session: Uuid) -> EncryptionContext {
    EncryptionContext {
        table: "private.upload_sessions",
        column: "session_uri",
        row: session,
        owner: channel.id.0,
    }
}

fn stored(error: &StepError) -> Value {
    json!({ "code": error.code, "message": error.message, "at": clock::now() })
}

fn deadline(limit: Duration) -> Instant {
    Instant::now() + limit
}

fn again(reason: &'static str) -> Outcome {
    Outcome::Continue {
        after: Duration::ZERO,
        reason,
    }
}

fn wait<T>(after: SignedDuration, reason: &'static str) -> Result<T, Outcome> {
    Err(Outcome::Snooze {
        after: Duration::try_from(after).unwrap_or_default(),
        reason,
    })
}

fn wait_for_turn<T>(work: &Work) -> Result<T, Outcome> {
    match work.upload.next_attempt_at {
        Some(until) => Err(Outcome::Snooze {
            after: until_then(work, until),
            reason: "upload_quota_used_up",
        }),
        // The end of the other upload wakes this one; the wait is for what gets lost.
        None => wait(SignedDuration::from_mins(2), "channel_busy"),
    }
}

/// The time until an instant, and a little more, not the same for all who wait for midnight.
fn until_then(work: &Work, until: Timestamp) -> Duration {
    let left = Duration::try_from(until.duration_since(work.now)).unwrap_or_default();
    left + Duration::from_secs(1 + fastrand::u64(0..10))
}

fn retry(code: &str, message: &str) -> Outcome {
    Outcome::Retry {
        after: None,
        error: StepError::new(code, message),
    }
}

fn secret_failed(error: &SecretError) -> Outcome {
    retry("secret_unreadable", &error.to_string())
}

fn db_failed(error: &DbError) -> Outcome {
    match error {
        // The claim was taken over, or the upload was erased with its channel: nothing is left to do here.
        DbError::Refused { code, .. } if code == "stale_fence" || code == "not_found" => {
            Outcome::Done
        }
        error => retry("database", &error.to_string()),
    }
}
