//! `channels.list`

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
        parameters::{page_size, parts, values},
        principal::Principal,
        thumbnails::thumbnails,
    },
};

const PARTS: [&str; 10] = [
    "id",
    "snippet",
    "contentDetails",
    "statistics",
    "status",
    "brandingSettings",
    "topicDetails",
    "localizations",
    "contentOwnerDetails",
    "auditDetails",
];

const FILTERS: [&str; 6] = [
    "mine",
    "id",
    "forHandle",
    "forUsername",
    "managedByMe",
    "mySubscribers",
];

pub(in crate::youtube) fn list(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let parts = parts(head, &PARTS)?;
    let is_given = |name: &&str| !matches!(head.param(name), None | Some("" | "false"));
    let given: Vec<&str> = FILTERS.into_iter().filter(is_given).collect();
    let [filter] = given[..] else {
        return Err(errors::invalid_criteria());
    };
    let size = page_size(head, &principal.settings)?;
    let youtube = lock(&world.youtube);
    let by_id = |id: &str| youtube.channels.get(id);
    let wanted = head
        .param(filter)
        .unwrap_or_default()
        .trim_start_matches('@');
    let has_handle = |channel: &&Channel| channel.handle().trim_start_matches('@') == wanted;
    let found: Vec<&Channel> = match filter {
        "mine" => principal
            .channel
            .as_deref()
            .and_then(by_id)
            .into_iter()
            .collect(),
        "id" => values(head, "id").into_iter().filter_map(by_id).collect(),
        "forHandle" => youtube.channels.values().filter(has_handle).collect(),
        _ => Vec::new(),
    };
    let mut body = json!({"kind": "youtube#channelListResponse", "etag": "", "pageInfo": {"totalResults": found.len(), "resultsPerPage": size}});
    if found.is_empty() {
        // No `items` key at all.
        body["etag"] = json!("RuuXzTIr0OoDqI4S0RU6n4FqKEM");
    } else {
        let show = |channel: &&Channel| resource(world, channel, &parts, principal);
        body["items"] = found.iter().map(show).collect();
    }
    Ok(body)
}

fn resource(world: &World, channel: &Channel, parts: &[&str], principal: &Principal) -> Value {
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
            "status" => {
                let long = &principal.settings.long_uploads_status;
                let mut status = json!({"privacyStatus": "public", "isLinked": true, "longUploadsStatus": long, "madeForKids": false});
                if channel.is_of(principal) {
                    status["selfDeclaredMadeForKids"] = json!(false);
                }
                status
            }
            "brandingSettings" => {
                json!({"channel": {"title": channel.title, "country": channel.country}})
            }
            _ => continue,
        };
    }
    item
}
