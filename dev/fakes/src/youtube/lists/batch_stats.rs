//! `videos.batchGetStats`

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    clock::rfc3339,
    digest::short_id,
    failure::Failure,
    lock::lock,
    request::Head,
    world::World,
    youtube::{
        parameters::{ids, parts},
        principal::Principal,
        video::Video,
        video_resource::hides,
    },
};

pub(in crate::youtube) fn list(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, &["id", "snippet", "contentDetails", "statistics"])?;
    let ids = ids(head, "id")?;
    let now = world.clock.now();
    let youtube = lock(&world.youtube);
    let items: Vec<Value> = ids
        .into_iter()
        .filter_map(|id| youtube.video(id))
        .filter(|(channel, video)| video.is_visible_to(channel.is_of(principal)))
        .filter(|(_, video)| !hides(video, "batch", &principal.settings))
        .map(|(_, video)| resource(video, &parts, now))
        .collect();
    Ok(json!({"kind": "youtube#batchGetStatsResponse", "etag": "", "items": items}))
}

fn resource(video: &Video, parts: &[&str], now: Timestamp) -> Value {
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
            "statistics" => {
                let mut statistics = json!({"viewCount": views});
                if let Some(likes) = counters.likes {
                    statistics["likeCount"] = json!(likes.to_string());
                }
                if let Some(comments) = counters.comments {
                    statistics["commentCount"] = json!(comments.to_string());
                }
                statistics
            }
            _ => continue,
        };
    }
    item
}
