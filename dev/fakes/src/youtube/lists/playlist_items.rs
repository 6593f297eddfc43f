//! `playlistItems.list`

use serde_json::{Value, json};

use crate::{
    clock::rfc3339,
    digest::short_id,
    failure::Failure,
    lock::lock,
    request::Head,
    world::World,
    youtube::{
        channel::Channel,
        errors,
        parameters::{page_offset, page_size, page_token, parts},
        principal::Principal,
        thumbnails::thumbnails,
        video::Video,
    },
};

/// How many videos of a playlist YouTube shows.
const MOST: usize = 20_000;

pub(in crate::youtube) fn list(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, &["id", "snippet", "contentDetails", "status"])?;
    let Some(playlist) = head.param("playlistId") else {
        return Err(errors::missing_parameter("id, playlistId"));
    };
    let settings = &principal.settings;
    let size = page_size(head, settings)?;
    let offset = page_offset(head, playlist)?;
    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .values()
        .find(|channel| channel.uploads() == playlist);
    let channel = channel.ok_or_else(errors::playlist_not_found)?;
    if channel.is_of(principal) && settings.uploads_playlist_missing {
        return Err(errors::playlist_not_found());
    }
    let shown = shown(world, channel, principal);
    // A page may be short in the middle.
    let is_short = settings.short_pages && offset == size;
    let end = (offset + if is_short { size / 2 } else { size }).min(shown.len());
    let page = shown
        .get(offset..end)
        .unwrap_or_default()
        .iter()
        .zip(offset..);
    let items: Vec<Value> = page
        .map(|(video, position)| resource(channel, video, position, &parts))
        .collect();
    let mut body = json!({
        "kind": "youtube#playlistItemListResponse", "etag": "", "items": items,
        "pageInfo": {"totalResults": shown.len(), "resultsPerPage": size},
    });
    if end < shown.len() && size > 0 {
        body["nextPageToken"] = json!(page_token(end, playlist));
    }
    if offset > 0 {
        body["prevPageToken"] = json!(page_token(offset.saturating_sub(size), playlist));
    }
    Ok(body)
}

/// The videos of a channel's uploads that this caller sees, newest first.
fn shown<'a>(world: &World, channel: &'a Channel, principal: &Principal) -> Vec<&'a Video> {
    let now = world.clock.now();
    let delay = principal.settings.visibility_delay_seconds;
    let is_late = |video: &Video| {
        video.upload.is_some() && now.duration_since(video.uploaded_at).as_secs() < delay
    };
    // Unlisted videos are in nobody else's view of the playlist.
    let owner = channel.is_of(principal);
    let videos = channel.present_videos().rev();
    let shown = videos.filter(|video| !is_late(video) && (owner || video.privacy == "public"));
    shown.take(MOST).collect()
}

fn resource(channel: &Channel, video: &Video, position: usize, parts: &[&str]) -> Value {
    let playlist = channel.uploads();
    let id = format!("VVU{}", short_id(&["item", &playlist, &video.id], 24));
    let etag = short_id(&[&id, &video.edits.to_string(), &video.privacy], 27);
    let mut item = json!({"kind": "youtube#playlistItem", "etag": etag, "id": id});
    for part in parts {
        item[*part] = match *part {
            "snippet" => json!({
                "publishedAt": rfc3339(video.uploaded_at), "channelId": channel.id, "title": video.title, "description": video.description,
                "thumbnails": thumbnails(&video.id), "channelTitle": channel.title, "playlistId": playlist, "position": position,
                "resourceId": {"kind": "youtube#video", "videoId": video.id},
                "videoOwnerChannelTitle": channel.title, "videoOwnerChannelId": channel.id,
            }),
            "contentDetails" => {
                let mut details = json!({"videoId": video.id});
                if let Some(at) = video.public_at.filter(|_| !video.is_private()) {
                    details["videoPublishedAt"] = json!(rfc3339(at));
                }
                details
            }
            "status" => json!({"privacyStatus": video.privacy}),
            _ => continue,
        };
    }
    item
}
