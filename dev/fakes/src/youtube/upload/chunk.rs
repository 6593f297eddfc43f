//! Taking in a chunk.

use axum::{body::Body, response::Response};

use super::{
    admit::{Place, Refusal, admit},
    body::{Received, read_chunk},
    finish::finish,
    responses::{gap, gone, incomplete},
};
use crate::{
    lock::lock,
    request::{Call, drain},
    world::World,
    youtube::{principal::Principal, session::RunningHash},
};

pub(in crate::youtube) async fn chunk(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Response {
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
