//! Opening a session.

use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::responses::uri;
use crate::{
    digest::short_id,
    failure::Failure,
    lock::lock,
    request::{Call, Head},
    response::{empty_response, with_header},
    world::World,
    youtube::{
        channel::Channel,
        errors::{self, failure},
        ledger::Bucket,
        metadata::{apply_snippet, apply_status, resource},
        parameters::parts,
        principal::Principal,
        quota::{charge, refund},
        session::{Session, shown_id},
        video::{UploadedFile, Video},
        video_resource::PARTS,
    },
};

/// The largest file, in bytes.
const LARGEST: u64 = 274_877_906_944;

pub(in crate::youtube) fn start(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Result<Response, Failure> {
    if call.head.param("uploadType") != Some("resumable") {
        let now = world.clock.now();
        let what = "an upload that is not resumable";
        lock(&world.youtube).note_violation(&principal.account, what, now);
        let message = "Only resumable uploads are served here.";
        return Err(errors::invalid_parameter("uploadType", message));
    }
    charge(world, principal, Bucket::Uploads, 1)?;
    let opened = open(world, call, principal);
    if opened.is_err() && !principal.settings.failed_starts_are_charged {
        refund(world, principal, Bucket::Uploads, 1);
    }
    Ok(with_header(empty_response(200), "location", &opened?))
}

/// Opens a session and returns its URI.
fn open(world: &World, call: &Call, principal: &Principal) -> Result<String, Failure> {
    let now = world.clock.now();
    let channel_id = principal.channel()?;
    let parts = parts(&call.head, &PARTS)?;
    let mut youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .get(channel_id)
        .ok_or_else(errors::signup_required)?;
    check_limit(channel, principal, now)?;
    let content_type = content_type(&call.head)?;
    let total = file_size(&call.head)?;
    let mut draft = Video {
        views: typical_views(channel),
        ..Video::new(now)
    };
    let serial = youtube.next_serial();
    let id_parts = [
        "session",
        &world.seed.to_string(),
        &serial,
        &now.to_string(),
    ];
    let id = format!("AF{}", short_id(&id_parts, 40));
    draft.upload = Some(UploadedFile {
        session: shown_id(&id),
        bytes: 0,
        sha256: None,
        content_type: content_type.to_owned(),
        file_name: call.head.header("slug").map(str::to_owned),
        scheduled_for: None,
        notify_subscribers: call.head.param("notifySubscribers") != Some("false"),
        polls: 0,
    });
    apply_metadata(&mut draft, &call.body, &parts, now)?;
    let mut session = Session::new(id.clone(), &principal.account, channel_id, draft);
    session.total = total;
    session.parts = parts.into_iter().map(str::to_owned).collect();
    let uri = uri(world, &id, &session.parts);
    youtube.sessions.insert(id, session);
    Ok(uri)
}

/// Sets what the parts of the request's body say.
fn apply_metadata(
    draft: &mut Video,
    body: &[u8],
    parts: &[&str],
    now: Timestamp,
) -> Result<(), Failure> {
    let body = resource(body)?;
    let empty = Map::new();
    let member = |name: &str| {
        let part = body.get(name).filter(|_| parts.contains(&name));
        part.and_then(Value::as_object).unwrap_or(&empty)
    };
    apply_snippet(draft, member("snippet"), false)?;
    apply_status(draft, member("status"), now, false)?;
    // The rules were checked now; they take effect when the last byte is in.
    draft.public_at = None;
    Ok(())
}

/// Refuses more uploads in 24 hours than the channel may make.
fn check_limit(channel: &Channel, principal: &Principal, now: Timestamp) -> Result<(), Failure> {
    let is_recent = |video: &&Video| {
        video.upload.is_some() && now.duration_since(video.uploaded_at).as_hours() < 24
    };
    let recent = channel.videos.iter().filter(is_recent).count() as u64;
    let limit = principal.settings.channel_upload_limit;
    if limit.is_some_and(|limit| recent >= limit) {
        Err(errors::upload_limit())
    } else {
        Ok(())
    }
}

fn content_type(head: &Head) -> Result<&str, Failure> {
    let mime = head
        .header("x-upload-content-type")
        .unwrap_or("application/octet-stream");
    if mime.starts_with("video/") || mime.starts_with("application/octet-stream") {
        return Ok(mime);
    }
    let message = format!(
        "Media type '{mime}' is not supported. Valid media types: [application/octet-stream, video/*]"
    );
    Err(failure(400, "global", "badContent", &message))
}

fn file_size(head: &Head) -> Result<Option<u64>, Failure> {
    let size = head
        .header("x-upload-content-length")
        .and_then(|size| size.parse().ok());
    match size {
        Some(0) => {
            let message = "The request does not include the video content.";
            Err(failure(400, "youtube.video", "mediaBodyRequired", message))
        }
        Some(size) if size > LARGEST => {
            let message = "Media larger than 274877906944 bytes.";
            Err(failure(413, "global", "uploadTooLarge", message))
        }
        size => Ok(size),
    }
}

/// The median of the channel's catalogue.
fn typical_views(channel: &Channel) -> u64 {
    let catalogue = channel.videos.iter().filter(|video| video.upload.is_none());
    let mut views: Vec<u64> = catalogue.map(|video| video.views).collect();
    views.sort_unstable();
    views.get(views.len() / 2).copied().unwrap_or(500)
}
