//! What a session answers, where it is, and how much of its file has arrived.

use axum::response::Response;
use jiff::Timestamp;

use crate::youtube::authorize::Principal;
use crate::youtube::session::Session;
use crate::youtube::settings::Settings;
use crate::youtube::store::Youtube;
use crate::{HTML, Head, World, empty_response, json_response, lock, text_response, with_header};

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// The session of a call, if it is the caller's and still there.
pub(crate) fn find<'a>(
    youtube: &'a mut Youtube,
    head: &Head,
    principal: &Principal,
    now: Timestamp,
) -> Option<&'a mut Session> {
    let session = youtube.sessions.get_mut(head.param("upload_id")?)?;
    let is_own = session.account == principal.account;
    (is_own && !session.is_gone(now, &principal.settings)).then_some(session)
}

pub(crate) fn uri(world: &World, id: &str, parts: &[String]) -> String {
    let (base, parts) = (world.urls().youtube, parts.join(","));
    format!("{base}/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}&part={parts}")
}

pub(crate) fn gone(settings: &Settings) -> Response {
    text_response(settings.session_gone_status, TEXT, "Not Found")
}

/// The chunk does not begin where the last one ended.
pub(crate) fn gap(settings: &Settings) -> Response {
    let text = "Invalid request.  According to the Content-Range header, the upload offset does not match what was received.";
    text_response(settings.gap_status, TEXT, text)
}

/// 308 with what is stored, or its substitute for clients that cannot take a 308.
pub(crate) fn incomplete(
    world: &World,
    head: &Head,
    session: &Session,
    settings: &Settings,
) -> Response {
    let mut response = match head.header("x-guploader-no-308") {
        Some("yes") => with_header(empty_response(200), "x-http-status-code-override", "308"),
        _ => empty_response(308),
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

pub(crate) fn status(world: &World, head: &Head, principal: &Principal) -> Response {
    if head.header("content-length").is_none() {
        let page = "<html><title>Error 411 (Length Required)!!1</title></html>";
        return text_response(411, HTML, page);
    }
    let mut youtube = lock(&world.youtube);
    let Some(session) = find(&mut youtube, head, principal, world.clock.now()) else {
        return gone(&principal.settings);
    };
    session.status_queries += 1;
    if let ContentRange::Status(total) = ContentRange::read(head) {
        session.total = session.total.or(total);
    }
    match &session.outcome {
        Some((status, body)) => json_response(*status, body),
        None => incomplete(world, head, session, &principal.settings),
    }
}

/// The `Content-Range` header of a chunk or status query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// `bytes */TOTAL`
    Status(Option<u64>),
    /// `bytes FIRST-LAST/TOTAL`
    Bytes {
        first: u64,
        last: u64,
        total: Option<u64>,
    },
    /// No header: the whole file.
    Whole,
    Malformed,
}

impl ContentRange {
    pub(crate) fn read(head: &Head) -> Self {
        match head.header("content-range") {
            None => Self::Whole,
            Some(text) => Self::parse(text).unwrap_or(Self::Malformed),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
        let known = (total != "*").then(|| total.parse::<u64>());
        let total = known.transpose().ok()?;
        if range == "*" {
            return Some(Self::Status(total));
        }
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let is_within = first <= last && total.is_none_or(|total| last < total);
        is_within.then_some(Self::Bytes { first, last, total })
    }
}

/// The names of a call to a session.
pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    match ContentRange::read(head) {
        ContentRange::Status(_) => vec!["upload.status"],
        ContentRange::Bytes { last, total, .. } if total != Some(last + 1) => vec!["upload.chunk"],
        ContentRange::Malformed => vec!["upload.chunk"],
        ContentRange::Bytes { .. } | ContentRange::Whole => vec!["upload.chunk", "upload.final"],
    }
}
