//! What a session answers, and where it is.

use axum::response::Response;
use jiff::Timestamp;

use crate::{
    request::Head,
    response::{empty_response, text_response, with_header},
    world::World,
    youtube::{principal::Principal, session::Session, settings::Settings, store::Youtube},
};

pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// The session of a call, if it is the caller's and still there.
pub(super) fn find<'a>(
    youtube: &'a mut Youtube,
    head: &Head,
    principal: &Principal,
    now: Timestamp,
) -> Option<&'a mut Session> {
    let session = youtube.sessions.get_mut(head.param("upload_id")?)?;
    let is_own = session.account == principal.account;
    (is_own && !session.is_gone(now, &principal.settings)).then_some(session)
}

pub(super) fn uri(world: &World, id: &str, parts: &[String]) -> String {
    let (base, parts) = (world.urls().youtube, parts.join(","));
    format!("{base}/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}&part={parts}")
}

pub(super) fn gone(settings: &Settings) -> Response {
    text_response(settings.session_gone_status, TEXT, "Not Found")
}

/// The chunk does not begin where the last one ended.
pub(super) fn gap(settings: &Settings) -> Response {
    let text = "Invalid request.  According to the Content-Range header, the upload offset does not match what was received.";
    text_response(settings.gap_status, TEXT, text)
}

/// 308 with what is stored, or its substitute for clients that cannot take a 308.
pub(super) fn incomplete(
    world: &World,
    head: &Head,
    session: &Session,
    settings: &Settings,
) -> Response {
    let mut response = if head.header("x-guploader-no-308") == Some("yes") {
        with_header(empty_response(200), "x-http-status-code-override", "308")
    } else {
        empty_response(308)
    };
    if session.received > 0 {
        let range = format!("bytes=0-{}", session.received - 1);
        response = with_header(response, "range", &range);
    }
    if settings.new_location_on_308 {
        let moved = uri(world, &session.id, &session.parts) + "&moved=1";
        response = with_header(response, "location", &moved);
    }
    response
}
