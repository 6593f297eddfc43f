//! `videos.update` and `videos.delete`

use axum::response::Response;
use serde_json::{Map, Value};

use super::{
    errors,
    metadata::{apply_snippet, apply_status, parse_error, resource, text},
    parameters::parts,
    principal::Principal,
    store::Youtube,
    video_resource::{PARTS, video_resource},
};
use crate::{
    failure::Failure,
    lock::lock,
    request::{Call, Head},
    response::empty_response,
    world::World,
};

pub(super) fn update(world: &World, call: &Call, principal: &Principal) -> Result<Value, Failure> {
    let parts = parts(&call.head, &PARTS)?;
    let body = resource(&call.body)?;
    let id = text(&body, "id").ok_or_else(errors::video_not_found)?;
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    check_owner(&youtube, id, principal)?;
    let video = youtube.video_mut(id).ok_or_else(errors::video_not_found)?;
    let mut changed = video.clone();
    let member = |name: &str| {
        let part = body.get(name).filter(|_| parts.contains(&name));
        part.map(|part| part.as_object().ok_or_else(parse_error))
            .transpose()
    };
    if parts.contains(&"snippet") {
        apply_snippet(
            &mut changed,
            member("snippet")?.unwrap_or(&Map::new()),
            true,
        )?;
    }
    // A body that names no status leaves it as it is.
    if let Some(status) = member("status")? {
        apply_status(&mut changed, status, now, true)?;
    }
    changed.edits += 1;
    *video = changed;
    let (channel, video) = youtube.video(id).ok_or_else(errors::video_not_found)?;
    Ok(video_resource(
        channel,
        video,
        &parts,
        &principal.settings,
        true,
        now,
    ))
}

/// Refuses unless the video exists and belongs to the caller's channel.
pub(super) fn check_owner(
    youtube: &Youtube,
    id: &str,
    principal: &Principal,
) -> Result<(), Failure> {
    match youtube.video(id) {
        Some((channel, _)) if channel.is_of(principal) => Ok(()),
        Some((_, video)) if !video.is_private() => Err(errors::forbidden()),
        _ => Err(errors::video_not_found()),
    }
}

pub(super) fn delete(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Response, Failure> {
    let id = head
        .param("id")
        .ok_or_else(|| errors::missing_parameter("id"))?;
    let mut youtube = lock(&world.youtube);
    check_owner(&youtube, id, principal)?;
    if let Some(video) = youtube.video_mut(id) {
        video.deleted = true;
    }
    Ok(empty_response(204))
}
