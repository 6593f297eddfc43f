//! Taking in a chunk, and making the video of a session whose last byte has come.

use axum::{body::Body, response::Response};
use futures_util::StreamExt as _;

use super::admit::{BLOCK, Place, Refusal, admit};
use super::sessions::{gap, gone, incomplete};
use crate::youtube::authorize::Principal;
use crate::youtube::session::{RunningHash, Session};
use crate::youtube::settings::Settings;
use crate::youtube::store::Youtube;
use crate::youtube::video_resource::video_resource;
use crate::{Call, World, drain, hash, json_response, lock, short_id};

pub(crate) async fn chunk(world: &World, call: &Call, principal: &Principal) -> Response {
    let body = lock(&call.stream).take().unwrap_or_else(Body::empty);
    // Decide before reading; a response that needs no bytes still lets the client finish sending.
    let (place, hash) = match admit_or_note(world, call, principal) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            drain(body).await;
            return *refusal.response;
        }
    };
    // What arrived counts, also when the client is gone before the end.
    let limit = call.effect.after_bytes;
    let received = read_chunk(body, hash, place.length, place.is_last(), limit).await;
    store(world, call, principal, &place, received)
}

/// Admits a chunk, or notes what the client did wrong.
fn admit_or_note(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Result<(Place, RunningHash), Refusal> {
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    let admitted = admit(&mut youtube, &call.head, principal, now);
    if let Err(refusal) = &admitted
        && let Some(what) = refusal.violation
        && !call.effect.late
    {
        youtube.note_violation(&principal.account, what, now);
    }
    admitted
}

/// Keeps what came of a chunk, and makes the video when it was the last.
fn store(
    world: &World,
    call: &Call,
    principal: &Principal,
    place: &Place,
    received: Received,
) -> Response {
    let settings = &principal.settings;
    let mut youtube = lock(&world.youtube);
    let id = call.head.param("upload_id").unwrap_or_default();
    let Some(session) = youtube.sessions.get_mut(id) else {
        return gone(settings);
    };
    session.writers = session.writers.saturating_sub(1);
    if session.received != place.first || session.outcome.is_some() {
        if !call.effect.late {
            let what = "two writers on one session";
            youtube.note_violation(&principal.account, what, world.clock.now());
        }
        return gap(settings);
    }
    let is_complete = received.read == place.length && place.is_last();
    let stored = if is_complete {
        received.read
    } else {
        received.stored
    };
    session.received = place.first + stored;
    session.hash = received.hash;
    let session = session.clone();
    if !is_complete {
        return incomplete(world, &call.head, &session, settings);
    }
    let done = finish(world, &mut youtube, session.clone(), principal);
    if call.effect.kind() == Some("308") {
        return incomplete(world, &call.head, &session, settings);
    }
    done
}

/// What came of reading a chunk.
struct Received {
    /// Bytes read.
    read: u64,
    /// Of these, what the server keeps if this was not the end.
    stored: u64,
    /// The digest of what is kept; of all bytes when they came whole and the file ends with them.
    hash: RunningHash,
}

/// Reads at most `limit` of the expected bytes; `is_last` tells whether the file ends with them.
async fn read_chunk(
    body: Body,
    hash: RunningHash,
    expected: u64,
    is_last: bool,
    limit: Option<u64>,
) -> Received {
    let mut stream = body.into_data_stream();
    let mut received = Received {
        read: 0,
        stored: 0,
        hash,
    };
    let mut pending: Vec<u8> = Vec::with_capacity(BLOCK as usize);
    let limit = limit.unwrap_or(u64::MAX).min(expected);
    while received.read < limit {
        let Some(Ok(bytes)) = stream.next().await else {
            break;
        };
        let left = usize::try_from(limit - received.read).unwrap_or(usize::MAX);
        let mut rest = &bytes[..bytes.len().min(left)];
        received.read += rest.len() as u64;
        while !rest.is_empty() {
            let (block, after) = rest.split_at((BLOCK as usize - pending.len()).min(rest.len()));
            pending.extend_from_slice(block);
            rest = after;
            if pending.len() == BLOCK as usize {
                received.hash.update(&pending);
                received.stored += BLOCK;
                pending.clear();
            }
        }
    }
    if received.read == expected && is_last {
        received.hash.update(&pending);
    }
    received
}

/// Makes the video.
fn finish(
    world: &World,
    youtube: &mut Youtube,
    session: Session,
    principal: &Principal,
) -> Response {
    let now = world.clock.now();
    let settings = &principal.settings;
    let mut video = session.draft;
    let serial = youtube.next_serial();
    let id = short_id(
        &["upload", &world.seed.to_string(), &session.id, &serial],
        11,
    );
    video.id = id.clone();
    video.uploaded_at = now;
    video.views = video.views / 2 + hash(&[&id]) % (video.views + 1);
    if let Some(upload) = &mut video.upload {
        upload.bytes = session.received;
        upload.sha256 = session.hash.finish();
    }
    if video.publish_at.is_some_and(|at| at <= now) {
        video.publish();
    }
    if !video.is_private() {
        video.public_at = Some(now);
    }
    youtube.add_video(&session.channel, video);
    let Some((channel, video)) = youtube.video(&id) else {
        return gone(settings);
    };
    let parts: Vec<&str> = session.parts.iter().map(String::as_str).collect();
    let unprocessed = Settings {
        processing_polls: 1,
        processing_seconds: i64::MAX,
        ..settings.clone()
    };
    let body = video_resource(channel, video, &parts, &unprocessed, true, now);
    if let Some(session) = youtube.sessions.get_mut(&session.id) {
        session.outcome = Some((settings.final_status, body.clone()));
        session.video_id = Some(id);
    }
    json_response(settings.final_status, &body)
}
