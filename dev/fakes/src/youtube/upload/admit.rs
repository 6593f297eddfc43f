//! Deciding on a chunk before it is read.

use axum::response::Response;
use jiff::Timestamp;

use super::sessions::{ContentRange, TEXT, find, gap, gone};
use crate::youtube::authorize::Principal;
use crate::youtube::session::{RunningHash, Session};
use crate::youtube::settings::Settings;
use crate::youtube::store::Youtube;
use crate::{Head, json_response, text_response};

/// What the server keeps of an interrupted chunk is a multiple of this, in bytes.
pub(crate) const BLOCK: u64 = 262_144;

/// A response that needs no bytes, and what the client did wrong.
pub(crate) struct Refusal {
    pub(crate) response: Box<Response>,
    pub(crate) violation: Option<&'static str>,
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
pub(crate) struct Place {
    pub(crate) first: u64,
    pub(crate) length: u64,
    pub(crate) total: Option<u64>,
}

impl Place {
    pub(crate) fn is_last(&self) -> bool {
        self.total == Some(self.first + self.length)
    }
}

/// Checks a chunk and counts it in.
pub(crate) fn admit(
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
    let (first, expected, total) = match ContentRange::read(head) {
        ContentRange::Bytes { first, last, total } => {
            (first, last + 1 - first, total.or(session.total))
        }
        ContentRange::Whole => match length.or(session.total) {
            Some(length) => (0, length, Some(length)),
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
    if length.is_some_and(|length| length != expected) {
        let text = "Content-Length does not match Content-Range.";
        let what = "Content-Length and Content-Range differ";
        return Err(Refusal::text(400, text, what));
    }
    Ok(Place {
        first,
        length: expected,
        total,
    })
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
