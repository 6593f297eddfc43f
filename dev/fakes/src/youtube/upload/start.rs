//! Opening a session.

use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::sessions::uri;
use crate::youtube::authorize::{Principal, charge, refund};
use crate::youtube::errors::{about, invalid_parameter, refused};
use crate::youtube::metadata::{apply_snippet, apply_status, resource};
use crate::youtube::parameters::parts;
use crate::youtube::session::{RunningHash, Session, shown_id};
use crate::youtube::store::{Bucket, Channel};
use crate::youtube::video::{UploadedFile, Video};
use crate::youtube::video_resource::PARTS;
use crate::{Call, Failure, Head, World, empty_response, lock, short_id, with_header};

/// The largest file, in bytes.
const LARGEST: u64 = 274_877_906_944;

pub(crate) fn start(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Result<Response, Failure> {
    if call.head.param("uploadType") != Some("resumable") {
        let now = world.clock.now();
        let what = "an upload that is not resumable";
        lock(&world.youtube).note_violation(&principal.account, what, now);
        let message = "Only resumable uploads are served here.";
        return Err(invalid_parameter("uploadType", message));
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
    let parts = parts(&call.head, PARTS)?;
    let mut youtube = lock(&world.youtube);
    let channel = youtube.channels.get(channel_id);
    let channel = channel.ok_or_else(|| refused("youtubeSignupRequired"))?;
    check_limit(channel, principal, now)?;
    let content_type = content_type(&call.head)?;
    let total = file_size(&call.head)?;
    let mut draft = Video {
        views: typical_views(channel),
        ..Video::new(now)
    };
    let (seed, serial) = (world.seed.to_string(), youtube.next_serial());
    let id = format!(
        "AF{}",
        short_id(&["session", &seed, &serial, &now.to_string()], 40)
    );
    draft.upload = Some(UploadedFile {
        session: shown_id(&id),
        content_type: content_type.to_owned(),
        file_name: call.head.header("slug").map(str::to_owned),
        notify_subscribers: call.head.param("notifySubscribers") != Some("false"),
        ..UploadedFile::default()
    });
    apply_metadata(&mut draft, &call.body, &parts, now)?;
    let session = Session {
        id: id.clone(),
        account: principal.account.clone(),
        channel: channel_id.to_owned(),
        parts: parts.into_iter().map(str::to_owned).collect(),
        created_at: now,
        draft,
        total,
        hash: RunningHash::new(),
        ..Session::default()
    };
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
    let age = |video: &Video| now.duration_since(video.uploaded_at).as_hours();
    let uploads = channel.videos.iter().filter(|video| video.upload.is_some());
    let recent = uploads.filter(|video| age(video) < 24).count() as u64;
    match principal.settings.channel_upload_limit {
        Some(limit) if recent >= limit => Err(refused("uploadLimitExceeded")),
        _ => Ok(()),
    }
}

fn content_type(head: &Head) -> Result<&str, Failure> {
    let mime = head
        .header("x-upload-content-type")
        .unwrap_or("application/octet-stream");
    match mime.starts_with("video/") || mime.starts_with("application/octet-stream") {
        true => Ok(mime),
        false => Err(about("badContent", mime)),
    }
}

fn file_size(head: &Head) -> Result<Option<u64>, Failure> {
    let size = head.header("x-upload-content-length");
    match size.and_then(|size| size.parse().ok()) {
        Some(0) => Err(refused("mediaBodyRequired")),
        Some(size) if size > LARGEST => Err(refused("uploadTooLarge")),
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
