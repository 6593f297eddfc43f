//! `thumbnails.set`

use serde_json::{Value, json};

use super::{edit::check_owner, errors, principal::Principal, thumbnails::thumbnails};
use crate::{failure::Failure, lock::lock, request::Call, world::World};

/// The largest image, in bytes.
const LIMIT: usize = 52_428_800;

pub(super) fn set(world: &World, call: &Call, principal: &Principal) -> Result<Value, Failure> {
    let id = call.head.param("videoId");
    let id = id.ok_or_else(|| errors::missing_parameter("videoId"))?;
    match principal.settings.thumbnails.as_str() {
        "forbidden" => {
            let message = "The authenticated user doesn't have permissions to upload and set custom video thumbnails.";
            return Err(errors::failure(
                403,
                "youtube.thumbnail",
                "forbidden",
                message,
            ));
        }
        "throttled" => return Err(errors::thumbnail_throttled()),
        _ => {}
    }
    if call.body.is_empty() {
        let message = "The request does not include the image content.";
        return Err(errors::failure(
            400,
            "youtube.thumbnail",
            "mediaBodyRequired",
            message,
        ));
    }
    let mime = call.head.header("content-type").unwrap_or_default();
    let known = ["image/jpeg", "image/png", "application/octet-stream"];
    if call.body.len() > LIMIT || !known.iter().any(|known| mime.starts_with(known)) {
        return Err(errors::invalid_image());
    }
    let mut youtube = lock(&world.youtube);
    check_owner(&youtube, id, principal)?;
    let video = youtube.video_mut(id).ok_or_else(errors::video_not_found)?;
    video.thumbnail_bytes = Some(call.body.len() as u64);
    video.edits += 1;
    Ok(json!({"kind": "youtube#thumbnailSetResponse", "etag": "", "items": [thumbnails(id)]}))
}
