//! `videos.update`, `videos.delete` and `thumbnails.set`

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::authorize::Principal;
use super::errors::{about, refused};
use super::metadata::{apply_snippet, apply_status, resource, text};
use super::parameters::parts;
use super::store::Youtube;
use super::video::Video;
use super::video_resource::{PARTS, thumbnails, video_resource};
use crate::{Call, Failure, Head, World, empty_response, lock};

pub(crate) fn update(world: &World, call: &Call, principal: &Principal) -> Result<Value, Failure> {
    let parts = parts(&call.head, PARTS)?;
    let body = resource(&call.body)?;
    let id = text(&body, "id").ok_or_else(|| refused("videoNotFound"))?;
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    let video = own_video(&mut youtube, id, principal)?;
    let mut changed = video.clone();
    let member = |name: &str| {
        let part = body.get(name).filter(|_| parts.contains(&name));
        let part = part.map(|part| part.as_object().ok_or_else(|| refused("parseError")));
        part.transpose()
    };
    if parts.contains(&"snippet") {
        let snippet = member("snippet")?.cloned();
        apply_snippet(&mut changed, &snippet.unwrap_or_else(Map::new), true)?;
    }
    // A body that names no status leaves it as it is.
    if let Some(status) = member("status")? {
        apply_status(&mut changed, status, now, true)?;
    }
    changed.edits += 1;
    *video = changed;
    let (channel, video) = youtube.video(id).ok_or_else(|| refused("videoNotFound"))?;
    Ok(video_resource(
        channel,
        video,
        &parts,
        &principal.settings,
        true,
        now,
    ))
}

/// The video, if it exists and belongs to the caller's channel.
fn own_video<'a>(
    youtube: &'a mut Youtube,
    id: &str,
    principal: &Principal,
) -> Result<&'a mut Video, Failure> {
    match youtube.video(id) {
        Some((channel, _)) if principal.owns(&channel.id) => youtube
            .video_mut(id)
            .ok_or_else(|| refused("videoNotFound")),
        Some((_, video)) if !video.is_private() => Err(refused("forbidden")),
        _ => Err(refused("videoNotFound")),
    }
}

pub(crate) fn delete(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Response, Failure> {
    let id = head
        .param("id")
        .ok_or_else(|| about("missingRequiredParameter", "id"))?;
    own_video(&mut lock(&world.youtube), id, principal)?.deleted = true;
    Ok(empty_response(204))
}

/// The largest image, in bytes.
const LARGEST_IMAGE: usize = 52_428_800;

pub(crate) fn set_thumbnail(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Result<Value, Failure> {
    let id = call.head.param("videoId");
    let id = id.ok_or_else(|| about("missingRequiredParameter", "videoId"))?;
    match principal.settings.thumbnails.as_str() {
        "forbidden" => return Err(refused("thumbnailForbidden")),
        "throttled" => return Err(refused("uploadRateLimitExceeded")),
        _ if call.body.is_empty() => return Err(refused("imageRequired")),
        _ => {}
    }
    let mime = call.head.header("content-type").unwrap_or_default();
    let known = ["image/jpeg", "image/png", "application/octet-stream"];
    if call.body.len() > LARGEST_IMAGE || !known.iter().any(|known| mime.starts_with(known)) {
        return Err(refused("invalidImage"));
    }
    let mut youtube = lock(&world.youtube);
    let video = own_video(&mut youtube, id, principal)?;
    video.thumbnail_bytes = Some(call.body.len() as u64);
    video.edits += 1;
    Ok(json!({"kind": "youtube#thumbnailSetResponse", "etag": "", "items": [thumbnails(id)]}))
}
