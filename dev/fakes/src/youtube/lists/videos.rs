//! `videos.list`

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    lock::lock,
    request::Head,
    world::World,
    youtube::{
        errors,
        parameters::{ids, parts},
        principal::Principal,
        video_resource::{PARTS, video_resource},
    },
};

pub(in crate::youtube) fn list(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, &PARTS)?;
    let ids = ids(head, "chart, id, myRating")?;
    if head.param("pageToken").is_some() {
        return Err(errors::invalid_filters());
    }
    let now = world.clock.now();
    let is_private =
        |part: &&str| ["fileDetails", "processingDetails", "suggestions"].contains(part);
    let private = parts.iter().any(is_private);
    let watched = private || parts.contains(&"status");
    let mut youtube = lock(&world.youtube);
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let Some((channel, video)) = youtube.video(id) else {
            continue;
        };
        let owner = channel.is_of(principal);
        if !video.is_visible_to(owner) {
            continue;
        }
        if private && !owner {
            return Err(errors::forbidden());
        }
        items.push(video_resource(
            channel,
            video,
            &parts,
            &principal.settings,
            owner,
            now,
        ));
        let video = youtube.video_mut(id).filter(|_| watched && owner);
        if let Some(upload) = video.and_then(|video| video.upload.as_mut()) {
            upload.polls += 1;
        }
    }
    Ok(
        json!({"kind": "youtube#videoListResponse", "etag": "", "pageInfo": {"totalResults": items.len(), "resultsPerPage": items.len()}, "items": items}),
    )
}
