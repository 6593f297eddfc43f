//! videos.update, videos.delete and thumbnails.set, and the rules for metadata.

use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Actor, Failure, Video, errors,
    quota::{self, Bucket},
    reads::{self, CATEGORIES, VIDEO_PARTS},
};
use crate::{
    server::{Call, Head, lock},
    world::World,
};

const THUMBNAIL_LIMIT: usize = 52_428_800;

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// Sets the snippet from a request; what it does not name is emptied.
pub(super) fn apply_snippet(
    video: &mut Video,
    snippet: &Map<String, Value>,
    update: bool,
) -> Result<(), Failure> {
    let title = text(snippet, "title").unwrap_or_default();
    if update && (!snippet.contains_key("title") || !snippet.contains_key("categoryId")) {
        return Err(errors::bad_metadata(
            "invalidVideoMetadata",
            "The request metadata is invalid.",
        ));
    }
    if title.trim().is_empty() || title.encode_utf16().count() > 100 || title.contains(['<', '>']) {
        return Err(errors::bad_metadata(
            "invalidTitle",
            "The request metadata specifies an invalid or empty video title.",
        ));
    }
    let description = text(snippet, "description").unwrap_or_default();
    if description.len() > 5_000 || description.contains(['<', '>']) {
        return Err(errors::bad_metadata(
            "invalidDescription",
            "The request metadata specifies an invalid video description.",
        ));
    }
    let tags: Vec<String> = match snippet.get("tags") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(tags)) => tags
            .iter()
            .map(|tag| tag.as_str().unwrap_or_default().to_owned())
            .collect(),
        Some(_) => {
            return Err(errors::bad_metadata(
                "invalidTags",
                "The request metadata specifies invalid video keywords.",
            ));
        }
    };
    let length: usize = tags
        .iter()
        .map(|tag| tag.encode_utf16().count() + if tag.contains(' ') { 2 } else { 0 })
        .sum::<usize>()
        + tags.len().saturating_sub(1);
    if length > 500
        || tags
            .iter()
            .any(|tag| tag.is_empty() || tag.contains(['<', '>']))
    {
        return Err(errors::bad_metadata(
            "invalidTags",
            "The request metadata specifies invalid video keywords.",
        ));
    }
    let category = text(snippet, "categoryId").unwrap_or("22");
    if !CATEGORIES
        .iter()
        .any(|(id, _, assignable)| *id == category && *assignable)
    {
        return Err(errors::bad_metadata(
            "invalidCategoryId",
            "The <code>snippet.categoryId</code> property specifies an invalid category ID.",
        ));
    }
    title.clone_into(&mut video.title);
    description.clone_into(&mut video.description);
    video.tags = tags;
    category.clone_into(&mut video.category_id);
    video.default_language = text(snippet, "defaultLanguage").map(str::to_owned);
    video.short = format!("{title} {description}")
        .to_lowercase()
        .contains("#short");
    Ok(())
}

/// Sets the status from a request; what it does not name falls back, which is not what it was.
pub(super) fn apply_status(
    video: &mut Video,
    status: &Map<String, Value>,
    now: Timestamp,
    update: bool,
) -> Result<(), Failure> {
    let flag = |name: &str| status.get(name).and_then(Value::as_bool);
    let privacy = text(status, "privacyStatus").unwrap_or("public");
    if !["public", "unlisted", "private"].contains(&privacy) {
        return Err(errors::bad_metadata(
            "invalidVideoMetadata",
            "The request metadata is invalid.",
        ));
    }
    let license = text(status, "license").unwrap_or("youtube");
    if !["youtube", "creativeCommon"].contains(&license) {
        return Err(errors::failure(
            403,
            "youtube.video",
            "forbiddenLicenseSetting",
            "The request attempts to set an invalid license for the video.",
        ));
    }
    let bad_time = || {
        errors::bad_metadata(
            "invalidPublishAt",
            "The request metadata specifies an invalid scheduled publishing time.",
        )
    };
    let publish_at = match text(status, "publishAt") {
        None => None,
        Some(time) => Some(time.parse::<Timestamp>().map_err(|_| bad_time())?),
    };
    if publish_at.is_some() && (privacy != "private" || video.public_at.is_some()) {
        return Err(bad_time());
    }
    privacy.clone_into(&mut video.privacy);
    license.clone_into(&mut video.license);
    video.embeddable = flag("embeddable").unwrap_or(!update);
    video.public_stats_viewable = flag("publicStatsViewable").unwrap_or(!update);
    video.made_for_kids =
        flag("selfDeclaredMadeForKids").or(if update { video.made_for_kids } else { None });
    video.synthetic =
        flag("containsSyntheticMedia").or(if update { video.synthetic } else { None });
    video.publish_at = publish_at;
    if let Some(at) = publish_at {
        if let Some(upload) = &mut video.upload {
            upload.scheduled_for = Some(at);
        }
        if at <= now {
            // A time in the past publishes at once.
            "public".clone_into(&mut video.privacy);
            video.publish_at = None;
        }
    }
    if video.privacy != "private" && video.public_at.is_none() {
        video.public_at = Some(now);
    }
    Ok(())
}

fn bad_body() -> Failure {
    errors::failure(400, "global", "parseError", "Parse Error")
}

/// Reads a resource and refuses one that is not an object.
pub(super) fn resource(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(bad_body()),
    }
}

pub(super) fn update(world: &World, call: &Call, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 50)?;
    let parts = reads::parts(&call.head, &VIDEO_PARTS)?;
    let body = resource(&call.body)?;
    let id = text(&body, "id").ok_or_else(errors::video_not_found)?;
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    own(&youtube, id, actor)?;
    let video = youtube.video_mut(id).ok_or_else(errors::video_not_found)?;
    let mut changed = video.clone();
    let empty = Map::new();
    let member = |name: &str| {
        body.get(name)
            .map(|part| part.as_object().ok_or_else(bad_body))
            .transpose()
    };
    if parts.contains(&"snippet") {
        apply_snippet(&mut changed, member("snippet")?.unwrap_or(&empty), true)?;
    }
    if parts.contains(&"status") {
        // A body that names no status leaves it as it is.
        if let Some(status) = member("status")? {
            apply_status(&mut changed, status, now, true)?;
        }
    }
    changed.edits += 1;
    *video = changed;
    let (channel, video) = youtube.video(id).ok_or_else(errors::video_not_found)?;
    Ok(reads::video_resource(
        channel,
        video,
        &parts,
        &actor.settings,
        true,
        now,
    ))
}

/// Whether the video exists and is the actor's.
fn own(youtube: &super::Youtube, id: &str, actor: &Actor) -> Result<(), Failure> {
    let (channel, video) = youtube.video(id).ok_or_else(errors::video_not_found)?;
    if actor.channel.as_deref() == Some(&channel.id) {
        Ok(())
    } else if video.privacy == "private" {
        Err(errors::video_not_found())
    } else {
        Err(errors::forbidden())
    }
}

pub(super) fn delete(world: &World, head: &Head, actor: &Actor) -> Result<Response, Failure> {
    quota::charge(world, actor, Bucket::Units, 50)?;
    let id = head
        .param("id")
        .ok_or_else(|| errors::missing_parameter("id"))?;
    let mut youtube = lock(&world.youtube);
    own(&youtube, id, actor)?;
    if let Some(video) = youtube.video_mut(id) {
        video.deleted = true;
    }
    Ok(super::empty(204))
}

pub(super) fn set_thumbnail(world: &World, call: &Call, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 50)?;
    let id = call
        .head
        .param("videoId")
        .ok_or_else(|| errors::missing_parameter("videoId"))?;
    match actor.settings.thumbnails.as_str() {
        "forbidden" => {
            let message = "The authenticated user doesn't have permissions to upload and set custom video thumbnails.";
            return Err(errors::failure(
                403,
                "youtube.thumbnail",
                "forbidden",
                message,
            ));
        }
        "throttled" => {
            let message = "The channel has uploaded too many thumbnails recently. Please try the request again later.";
            return Err(errors::failure(
                429,
                "youtube.thumbnail",
                "uploadRateLimitExceeded",
                message,
            ));
        }
        _ => {}
    }
    if call.body.is_empty() {
        return Err(errors::failure(
            400,
            "youtube.thumbnail",
            "mediaBodyRequired",
            "The request does not include the image content.",
        ));
    }
    let mime = call.head.header("content-type").unwrap_or_default();
    let known = ["image/jpeg", "image/png", "application/octet-stream"]
        .iter()
        .any(|known| mime.starts_with(known));
    if call.body.len() > THUMBNAIL_LIMIT || !known {
        return Err(errors::failure(
            400,
            "youtube.thumbnail",
            "invalidImage",
            "The provided image content is invalid.",
        ));
    }
    let mut youtube = lock(&world.youtube);
    own(&youtube, id, actor)?;
    let video = youtube.video_mut(id).ok_or_else(errors::video_not_found)?;
    video.thumbnail_bytes = Some(call.body.len() as u64);
    video.edits += 1;
    let one = |name: &str, width: u32, height: u32| json!({"url": format!("https://i.ytimg.com/vi/{id}/{name}.jpg"), "width": width, "height": height});
    Ok(json!({"kind": "youtube#thumbnailSetResponse", "etag": "",
              "items": [{"default": one("default", 120, 90), "medium": one("mqdefault", 320, 180), "high": one("hqdefault", 480, 360)}]}))
}
