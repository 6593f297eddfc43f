//! `videos.list`, `videos.batchGetStats`, `videoCategories.list` and `search.list`

use jiff::Timestamp;
use serde_json::{Value, json};

use super::authorize::Principal;
use super::errors::{about, refused};
use super::metadata::CATEGORIES;
use super::parameters::{ids, parts};
use super::video::Video;
use super::video_resource::{PARTS, hides, video_resource};
use crate::{Failure, Head, World, lock, rfc3339, short_id};

pub(crate) fn videos(world: &World, head: &Head, principal: &Principal) -> Result<Value, Failure> {
    let parts = parts(head, PARTS)?;
    let ids = ids(head, "chart, id, myRating")?;
    if head.param("pageToken").is_some() {
        return Err(refused("invalidFilters"));
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
        let owner = principal.owns(&channel.id);
        if !video.is_visible_to(owner) {
            continue;
        }
        if private && !owner {
            return Err(refused("forbidden"));
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
    let page = json!({"totalResults": items.len(), "resultsPerPage": items.len()});
    Ok(json!({"kind": "youtube#videoListResponse", "etag": "", "pageInfo": page, "items": items}))
}

pub(crate) fn batch_stats(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, "id snippet contentDetails statistics")?;
    let ids = ids(head, "id")?;
    let now = world.clock.now();
    let youtube = lock(&world.youtube);
    let mut found: Vec<_> = ids.into_iter().filter_map(|id| youtube.video(id)).collect();
    found.retain(|(channel, video)| {
        let is_visible = video.is_visible_to(principal.owns(&channel.id));
        is_visible && !hides(video, "batch", &principal.settings)
    });
    let items = found
        .iter()
        .map(|(_, video)| stats_resource(video, &parts, now));
    let items: Vec<Value> = items.collect();
    Ok(json!({"kind": "youtube#batchGetStatsResponse", "etag": "", "items": items}))
}

fn stats_resource(video: &Video, parts: &[&str], now: Timestamp) -> Value {
    let counters = video.counters(now);
    let views = counters.views.to_string();
    let etag = short_id(&[&video.id, &views], 27);
    let mut item = json!({"kind": "youtube#videoStats", "etag": etag, "id": video.id});
    for part in parts {
        item[*part] = match *part {
            "snippet" => {
                json!({"publishTime": rfc3339(video.public_at.unwrap_or(video.uploaded_at))})
            }
            "contentDetails" => json!({"duration": format!("{}s", video.seconds)}),
            "statistics" => json!({
                "viewCount": views, "likeCount": counters.likes.map(|n| n.to_string()),
                "commentCount": counters.comments.map(|n| n.to_string()),
            }),
            _ => continue,
        };
    }
    item
}

pub(crate) fn categories(head: &Head) -> Result<Value, Failure> {
    parts(head, "id snippet")?;
    if head.param("regionCode").is_none() && head.param("id").is_none() {
        return Err(about("missingRequiredParameter", "id, regionCode"));
    }
    let show = |(id, title, assignable): &(&str, &str, bool)| {
        json!({"kind": "youtube#videoCategory", "etag": short_id(&["category", id], 27), "id": id,
               "snippet": {"title": title, "assignable": assignable, "channelId": "UCBR8-60-B28hp2BmDPdntcQ"}})
    };
    let items: Vec<Value> = CATEGORIES.iter().map(show).collect();
    Ok(json!({"kind": "youtube#videoCategoryListResponse", "etag": "", "items": items}))
}

/// A bucket of its own, and never right for one's own uploads. It is answered, and noted.
pub(crate) fn search(world: &World, head: &Head, principal: &Principal) -> Result<Value, Failure> {
    parts(head, "id snippet")?;
    let now = world.clock.now();
    lock(&world.youtube).note_violation(&principal.account, "search.list was called", now);
    let page = json!({"totalResults": 0, "resultsPerPage": 5});
    Ok(
        json!({"kind": "youtube#searchListResponse", "etag": "", "regionCode": "US", "pageInfo": page, "items": []}),
    )
}
