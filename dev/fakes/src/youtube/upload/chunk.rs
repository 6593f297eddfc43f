//! Taking in a chunk.

use axum::{body::Body, response::Response};
use jiff::Timestamp;

use super::{
    body::{BLOCK, read_chunk},
    content_range::ContentRange,
    finish::finish,
    responses::{TEXT, find, gap, gone, incomplete},
};
use crate::{
    lock::lock,
    request::{Call, Head, drain},
    response::{json_response, text_response},
    world::World,
    youtube::{
        principal::Principal,
        session::{RunningHash, Session},
        settings::Settings,
        store::Youtube,
    },
};

/// A response that needs no bytes, and what the client did wrong.
struct Refusal {
    response: Box<Response>,
    violation: Option<&'static str>,
}

impl Refusal {
    fn new(response: Response, violation: Option<&'static str>) -> Self {
        Self {
            response: Box::new(response),
            violation,
        }
    }

    fn text(status: u16, text: &'static str, violation: &'static str) -> Self {
        Self::new(text_response(status, TEXT, text), Some(violation))
    }
}

/// Where a chunk belongs.
struct Place {
    first: u64,
    length: u64,
    total: Option<u64>,
}

impl Place {
    fn is_last(&self) -> bool {
        self.total == Some(self.first + self.length)
    }
}

pub(in crate::youtube) async fn chunk(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Response {
    let Call {
        head,
        stream,
        effect,
        ..
    } = call;
    let settings = &principal.settings;
    let body = lock(stream).take().unwrap_or_else(Body::empty);
    let note = |youtube: &mut Youtube, what: &str| {
        if !effect.late {
            youtube.note_violation(&principal.account, what, world.clock.now());
        }
    };
    // Decide before reading; a response that needs no bytes still lets the client finish sending.
    let admitted = {
        let mut youtube = lock(&world.youtube);
        let admitted = admit(&mut youtube, head, principal, world.clock.now());
        if let Err(Refusal {
            violation: Some(what),
            ..
        }) = &admitted
        {
            note(&mut youtube, what);
        }
        admitted
    };
    let (place, hash) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => {
            drain(body).await;
            return *refusal.response;
        }
    };

    // What arrived counts, also when the client is gone before the end.
    let received = read_chunk(
        body,
        hash,
        place.length,
        place.is_last(),
        effect.after_bytes,
    )
    .await;

    let mut youtube = lock(&world.youtube);
    let session = head
        .param("upload_id")
        .and_then(|id| youtube.sessions.get_mut(id));
    let Some(session) = session else {
        return gone(settings);
    };
    session.writers = session.writers.saturating_sub(1);
    if session.received != place.first || session.outcome.is_some() {
        note(&mut youtube, "two writers on one session");
        return gap(settings);
    }
    if received.read == place.length && place.is_last() {
        session.received = place.first + place.length;
        let session = session.clone();
        let done = finish(
            world,
            &mut youtube,
            session.clone(),
            principal,
            received.hash,
        );
        if effect.kind() == Some("308") {
            return incomplete(world, head, &session, settings);
        }
        return done;
    }
    session.received = place.first + received.stored;
    session.hash = received.hash;
    incomplete(world, head, session, settings)
}

/// Checks a chunk and counts it in.
fn admit(
    youtube: &mut Youtube,
    head: &Head,
    principal: &Principal,
    now: Timestamp,
) -> Result<(Place, RunningHash), Refusal> {
    let settings = &principal.settings;
    let Some(session) = find(youtube, head, principal, now) else {
        return Err(Refusal::new(gone(settings), None));
    };
    if let Some((status, body)) = &session.outcome {
        let what = "bytes sent to a session that was complete";
        return Err(Refusal::new(json_response(*status, body), Some(what)));
    }
    let place = place(session, head)?;
    check(session, &place, settings)?;
    session.chunks += 1;
    session.writers += 1;
    session.total = session.total.or(place.total);
    let (hash, is_crowded) = (session.hash.clone(), session.writers > 1);
    if is_crowded {
        let what = "two writers on one session at the same time";
        youtube.note_violation(&principal.account, what, now);
    }
    Ok((place, hash))
}

fn place(session: &Session, head: &Head) -> Result<Place, Refusal> {
    let length = head
        .header("content-length")
        .and_then(|length| length.parse::<u64>().ok());
    let place = match ContentRange::read(head) {
        ContentRange::Bytes { first, last, total } => Place {
            first,
            length: last + 1 - first,
            total: total.or(session.total),
        },
        ContentRange::Whole => match length.or(session.total) {
            Some(length) => Place {
                first: 0,
                length,
                total: Some(length),
            },
            None => {
                return Err(Refusal::new(
                    text_response(411, TEXT, "Length Required"),
                    None,
                ));
            }
        },
        ContentRange::Status(_) | ContentRange::Malformed => {
            let text = "Failed to parse Content-Range header.";
            return Err(Refusal::text(400, text, "malformed Content-Range"));
        }
    };
    if length.is_some_and(|length| length != place.length) {
        let text = "Content-Length does not match Content-Range.";
        return Err(Refusal::text(
            400,
            text,
            "Content-Length and Content-Range differ",
        ));
    }
    Ok(place)
}

fn check(session: &Session, place: &Place, settings: &Settings) -> Result<(), Refusal> {
    if session.total.is_some() && place.total != session.total {
        let text = "The total size differs from X-Upload-Content-Length.";
        return Err(Refusal::text(400, text, "the total size changed"));
    }
    if !place.is_last() && !place.length.is_multiple_of(BLOCK) {
        let text = "Chunk size must be a multiple of 262144 bytes.";
        let what = "a chunk that is not a multiple of 256 KiB";
        return Err(Refusal::text(settings.misaligned_status, text, what));
    }
    if place.first != session.received {
        let what = "a chunk that does not start where the last one ended";
        return Err(Refusal::new(gap(settings), Some(what)));
    }
    Ok(())
}
