//! `channels.list` and `playlistItems.list`

use serde_json::{Value, json};

use super::authorize::Principal;
use super::errors::{about, refused};
use super::parameters::{page_offset, page_size, page_token, parts, values};
use super::store::Channel;
use super::video::Video;
use super::video_resource::thumbnails;
use crate::{Failure, Head, World, lock, rfc3339, short_id};

const CHANNEL_PARTS: &str = "id snippet contentDetails statistics status brandingSettings topicDetails localizations \
                             contentOwnerDetails auditDetails";

pub(crate) fn channels(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, CHANNEL_PARTS)?;
    let filters = [
        "mine",
        "id",
        "forHandle",
        "forUsername",
        "managedByMe",
        "mySubscribers",
    ];
    let is_given = |name: &&str| !matches!(head.param(name), None | Some("" | "false"));
    let [filter] = filters.into_iter().filter(is_given).collect::<Vec<_>>()[..] else {
        return Err(refused("invalidCriteria"));
    };
    let size = page_size(head, &principal.settings)?;
    let youtube = lock(&world.youtube);
    let handle = head
        .param(filter)
        .unwrap_or_default()
        .trim_start_matches('@');
    let ids = values(head, "id");
    let mut found = Vec::from_iter(youtube.channels.values());
    found.retain(|channel| match filter {
        "mine" => principal.owns(&channel.id),
        "id" => ids.contains(&channel.id.as_str()),
        "forHandle" => channel.handle().trim_start_matches('@') == handle,
        _ => false,
    });
    let page = json!({"totalResults": found.len(), "resultsPerPage": size});
    let mut body = json!({"kind": "youtube#channelListResponse", "etag": "", "pageInfo": page});
    if found.is_empty() {
        // No `items` key at all.
        body["etag"] = json!("RuuXzTIr0OoDqI4S0RU6n4FqKEM");
    } else {
        let show = |channel: &&Channel| channel_resource(world, channel, &parts, principal);
        body["items"] = found.iter().map(show).collect();
    }
    Ok(body)
}

fn channel_resource(
    world: &World,
    channel: &Channel,
    parts: &[&str],
    principal: &Principal,
) -> Value {
    let now = world.clock.now();
    let public = channel
        .present_videos()
        .filter(|video| video.privacy == "public");
    let views: u64 = public.clone().map(|video| video.counters(now).views).sum();
    let etag = short_id(&[&channel.id, &views.to_string(), &channel.title], 27);
    let mut item = json!({"kind": "youtube#channel", "etag": etag, "id": channel.id});
    for part in parts {
        item[*part] = match *part {
            "snippet" => json!({
                "title": channel.title, "description": "", "customUrl": channel.handle(), "publishedAt": rfc3339(channel.published_at),
                "thumbnails": thumbnails(&channel.id), "localized": {"title": channel.title, "description": ""}, "country": channel.country,
            }),
            "contentDetails" => {
                json!({"relatedPlaylists": {"likes": "", "uploads": channel.uploads()}})
            }
            "statistics" => json!({
                "viewCount": views.to_string(), "subscriberCount": channel.subscribers.to_string(), "hiddenSubscriberCount": false,
                "videoCount": public.clone().count().to_string(),
            }),
            "status" => json!({
                "privacyStatus": "public", "isLinked": true, "longUploadsStatus": principal.settings.long_uploads_status,
                "madeForKids": false, "selfDeclaredMadeForKids": principal.owns(&channel.id).then_some(false),
            }),
            "brandingSettings" => {
                json!({"channel": {"title": channel.title, "country": channel.country}})
            }
            _ => continue,
        };
    }
    item
}

/// How many videos of a playlist YouTube shows.
const MOST: usize = 20_000;

pub(crate) fn playlist_items(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, "id snippet contentDetails status")?;
    let Some(playlist) = head.param("playlistId") else {
        return Err(about("missingRequiredParameter", "id, playlistId"));
    };
    let settings = &principal.settings;
    let size = page_size(head, settings)?;
    let offset = page_offset(head, playlist)?;
    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .values()
        .find(|channel| channel.uploads() == playlist);
    let is_there = |id: &str| !(principal.owns(id) && settings.uploads_playlist_missing);
    let channel = channel.filter(|channel| is_there(&channel.id));
    let channel = channel.ok_or_else(|| refused("playlistNotFound"))?;
    let shown = shown(world, channel, principal);
    // A page may be short in the middle.
    let is_short = settings.short_pages && offset == size;
    let end = (offset + if is_short { size / 2 } else { size }).min(shown.len());
    let page = shown
        .get(offset..end)
        .unwrap_or_default()
        .iter()
        .zip(offset..);
    let show =
        |(video, position): (&&Video, usize)| item_resource(channel, video, position, &parts);
    let items: Vec<Value> = page.map(show).collect();
    let token = |exists: bool, offset: usize| exists.then(|| page_token(offset, playlist));
    Ok(json!({
        "kind": "youtube#playlistItemListResponse", "etag": "", "items": items,
        "pageInfo": {"totalResults": shown.len(), "resultsPerPage": size},
        "nextPageToken": token(end < shown.len() && size > 0, end),
        "prevPageToken": token(offset > 0, offset.saturating_sub(size)),
    }))
}

/// The videos of a channel's uploads that this caller sees, newest first.
fn shown<'a>(world: &World, channel: &'a Channel, principal: &Principal) -> Vec<&'a Video> {
    let now = world.clock.now();
    let delay = principal.settings.visibility_delay_seconds;
    let age = |video: &Video| now.duration_since(video.uploaded_at).as_secs();
    let is_late = |video: &Video| video.upload.is_some() && age(video) < delay;
    // Unlisted videos are in nobody else's view of the playlist.
    let owner = principal.owns(&channel.id);
    let videos = channel.present_videos().rev();
    let shown = videos.filter(|video| !is_late(video) && (owner || video.privacy == "public"));
    shown.take(MOST).collect()
}

fn item_resource(channel: &Channel, video: &Video, position: usize, parts: &[&str]) -> Value {
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
                let at = video.public_at.filter(|_| !video.is_private()).map(rfc3339);
                json!({"videoId": video.id, "videoPublishedAt": at})
            }
            "status" => json!({"privacyStatus": video.privacy}),
            _ => continue,
        };
    }
    item
}
