//! channels, playlistItems, videos, batchGetStats, videoCategories.

use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Actor, Channel, Failure, Settings, Video, Youtube, errors,
    quota::{self, Bucket},
};
use crate::{
    clock::rfc3339,
    server::{Head, lock},
    world::{World, short_id},
};

/// The `part` parameter, checked.
pub(super) fn parts<'a>(head: &'a Head, known: &[&str]) -> Result<Vec<&'a str>, Failure> {
    let given: Vec<&str> = head
        .query
        .iter()
        .filter(|(name, _)| name == "part")
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if given.is_empty() {
        let failure = errors::failure(400, "global", "required", "Required parameter: part");
        return Err(failure);
    }
    match given.iter().find(|part| !known.contains(part)) {
        Some(part) => Err(errors::unknown_part(part)),
        None => Ok(given),
    }
}

/// Comma-separated ids, also from repeated parameters.
fn ids<'a>(head: &'a Head, name: &str) -> Vec<&'a str> {
    let values = head.query.iter().filter(|(key, _)| key == name);
    values
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect()
}

fn page_size(head: &Head, settings: &Settings) -> Result<usize, Failure> {
    let Some(text) = head.param("maxResults") else {
        return Ok(5);
    };
    match text.parse::<usize>() {
        Ok(size) if size <= 50 => Ok(size),
        Ok(_) if !settings.refuse_large_pages => Ok(50),
        _ => Err(errors::invalid_parameter(
            "maxResults",
            "Values must be within the range: [0, 50]",
        )),
    }
}

fn page_token(offset: usize, list: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .encode(format!("PT:{offset}:{}", short_id(&[list], 6)))
}

fn page_offset(head: &Head, list: &str) -> Result<usize, Failure> {
    let Some(token) = head.param("pageToken").filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| errors::invalid_page_token())?;
    let text = String::from_utf8(bytes).map_err(|_| errors::invalid_page_token())?;
    let offset = text
        .strip_prefix("PT:")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(offset, of)| (of == short_id(&[list], 6)).then_some(offset));
    offset
        .and_then(|offset| offset.parse().ok())
        .ok_or_else(errors::invalid_page_token)
}

// ---------------------------------------------------------------------------------------------------------------

const CHANNEL_PARTS: [&str; 10] = [
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

pub(super) fn channels(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 1)?;
    let parts = parts(head, &CHANNEL_PARTS)?;
    let filters = [
        "mine",
        "id",
        "forHandle",
        "forUsername",
        "managedByMe",
        "mySubscribers",
    ];
    let given: Vec<&str> = filters
        .into_iter()
        .filter(|name| {
            head.param(name)
                .is_some_and(|value| !value.is_empty() && value != "false")
        })
        .collect();
    let [filter] = given[..] else {
        return Err(errors::invalid_criteria());
    };
    let size = page_size(head, &actor.settings)?;
    let youtube = lock(&world.youtube);
    let found: Vec<&Channel> = match filter {
        "mine" => actor
            .channel
            .iter()
            .filter_map(|id| youtube.channels.get(id))
            .collect(),
        "id" => ids(head, "id")
            .into_iter()
            .filter_map(|id| youtube.channels.get(id))
            .collect(),
        "forHandle" => {
            let wanted = head
                .param("forHandle")
                .unwrap_or_default()
                .trim_start_matches('@');
            youtube
                .channels
                .values()
                .filter(|channel| handle(channel).trim_start_matches('@') == wanted)
                .collect()
        }
        _ => Vec::new(),
    };
    let now = world.clock.now();
    if found.is_empty() {
        // No `items` key at all.
        return Ok(
            json!({"kind": "youtube#channelListResponse", "etag": "RuuXzTIr0OoDqI4S0RU6n4FqKEM", "pageInfo": {"totalResults": 0, "resultsPerPage": size}}),
        );
    }
    let items: Vec<Value> = found
        .iter()
        .map(|channel| channel_resource(channel, &parts, actor, now))
        .collect();
    Ok(
        json!({"kind": "youtube#channelListResponse", "etag": "", "pageInfo": {"totalResults": items.len(), "resultsPerPage": size}, "items": items}),
    )
}

fn handle(channel: &Channel) -> String {
    let word: String = channel
        .account
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("@{}", word.to_lowercase())
}

fn channel_resource(channel: &Channel, parts: &[&str], actor: &Actor, now: Timestamp) -> Value {
    let owner = actor.channel.as_deref() == Some(&channel.id);
    let public: Vec<&Video> = channel
        .videos
        .iter()
        .filter(|video| !video.deleted && video.privacy == "public")
        .collect();
    let views: u64 = public.iter().map(|video| video.counters(now).0).sum();
    let mut item = json!({"kind": "youtube#channel", "etag": short_id(&[&channel.id, &views.to_string(), &channel.title], 27), "id": channel.id});
    for part in parts {
        let member = match *part {
            "snippet" => json!({
                "title": channel.title, "description": "", "customUrl": handle(channel), "publishedAt": rfc3339(channel.published_at),
                "thumbnails": thumbnails(&channel.id), "localized": {"title": channel.title, "description": ""}, "country": channel.country,
            }),
            "contentDetails" => {
                json!({"relatedPlaylists": {"likes": "", "uploads": channel.uploads()}})
            }
            "statistics" => json!({
                "viewCount": views.to_string(), "subscriberCount": channel.subscribers.to_string(), "hiddenSubscriberCount": false,
                "videoCount": public.len().to_string(),
            }),
            "status" => {
                let mut status = json!({"privacyStatus": "public", "isLinked": true, "longUploadsStatus": actor.settings.long_uploads_status, "madeForKids": false});
                if owner {
                    status["selfDeclaredMadeForKids"] = json!(false);
                }
                status
            }
            "brandingSettings" => {
                json!({"channel": {"title": channel.title, "country": channel.country}})
            }
            _ => continue,
        };
        item[*part] = member;
    }
    item
}

fn thumbnails(id: &str) -> Value {
    let one = |name: &str, width: u32, height: u32| json!({"url": format!("https://i.ytimg.com/vi/{id}/{name}.jpg"), "width": width, "height": height});
    json!({"default": one("default", 120, 90), "medium": one("mqdefault", 320, 180), "high": one("hqdefault", 480, 360)})
}

// ---------------------------------------------------------------------------------------------------------------

pub(super) fn playlist_items(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 1)?;
    let parts = parts(head, &["id", "snippet", "contentDetails", "status"])?;
    let Some(playlist) = head.param("playlistId") else {
        return Err(errors::missing_parameter("id, playlistId"));
    };
    let size = page_size(head, &actor.settings)?;
    let offset = page_offset(head, playlist)?;
    let now = world.clock.now();
    let youtube = lock(&world.youtube);
    let channel = playlist
        .strip_prefix("UU")
        .and_then(|rest| youtube.channels.get(&format!("UC{rest}")));
    let channel = channel.or_else(|| {
        youtube
            .channels
            .values()
            .find(|channel| channel.uploads() == playlist)
    });
    let channel = channel.ok_or_else(errors::playlist_not_found)?;
    let owner = actor.channel.as_deref() == Some(&channel.id);
    if owner && actor.settings.uploads_playlist_missing {
        return Err(errors::playlist_not_found());
    }
    let delay = actor.settings.visibility_delay_seconds;
    let shown: Vec<&Video> = channel
        .videos
        .iter()
        .rev()
        .filter(|video| {
            let late =
                video.upload.is_some() && now.duration_since(video.uploaded_at).as_secs() < delay;
            // Unlisted videos are in nobody else's view of the playlist.
            !video.deleted && !late && (owner || video.privacy == "public")
        })
        .take(20_000)
        .collect();
    // A page may be short in the middle.
    let taken = if actor.settings.short_pages && offset == size {
        size / 2
    } else {
        size
    };
    let end = (offset + taken).min(shown.len());
    let items: Vec<Value> = shown
        .get(offset..end)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(n, video)| playlist_item(channel, video, playlist, offset + n, &parts))
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

fn playlist_item(
    channel: &Channel,
    video: &Video,
    playlist: &str,
    position: usize,
    parts: &[&str],
) -> Value {
    let id = format!("VVU{}", short_id(&["item", playlist, &video.id], 24));
    let mut item = json!({"kind": "youtube#playlistItem", "etag": short_id(&[&id, &video.edits.to_string(), &video.privacy], 27), "id": id});
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
                if let Some(at) = video.public_at.filter(|_| video.privacy != "private") {
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

// ---------------------------------------------------------------------------------------------------------------

pub(super) const VIDEO_PARTS: [&str; 14] = [
    "id",
    "snippet",
    "contentDetails",
    "statistics",
    "status",
    "fileDetails",
    "processingDetails",
    "suggestions",
    "localizations",
    "player",
    "topicDetails",
    "recordingDetails",
    "liveStreamingDetails",
    "paidProductPlacementDetails",
];

pub(super) fn videos(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 1)?;
    let parts = parts(head, &VIDEO_PARTS)?;
    let ids = ids(head, "id");
    if ids.is_empty() {
        return Err(errors::missing_parameter("chart, id, myRating"));
    }
    if ids.len() > 50 {
        return Err(errors::invalid_filters());
    }
    if head.param("pageToken").is_some() {
        return Err(errors::invalid_filters());
    }
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    let private = parts
        .iter()
        .any(|part| ["fileDetails", "processingDetails", "suggestions"].contains(part));
    let watched = private || parts.contains(&"status");
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let Some((channel, video)) = youtube.video(id) else {
            continue;
        };
        let owner = actor.channel.as_deref() == Some(&channel.id);
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
            &actor.settings,
            owner,
            now,
        ));
        if watched
            && owner
            && let Some(upload) = youtube
                .video_mut(id)
                .and_then(|video| video.upload.as_mut())
        {
            upload.polls += 1;
        }
    }
    Ok(
        json!({"kind": "youtube#videoListResponse", "etag": "", "pageInfo": {"totalResults": items.len(), "resultsPerPage": items.len()}, "items": items}),
    )
}

pub(super) fn iso_duration(seconds: u64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = "PT".to_owned();
    for (n, unit) in [(h, 'H'), (m, 'M'), (s, 'S')] {
        if n > 0 {
            text += &format!("{n}{unit}");
        }
    }
    if text == "PT" {
        "PT0S".to_owned()
    } else {
        text
    }
}

/// Whether a video keeps a counter from the public, where some do.
fn hides(video: &Video, what: &str, settings: &Settings) -> bool {
    settings.omit_some_stats && crate::world::hash(&[&video.id, what]).is_multiple_of(9)
}

pub(super) fn video_resource(
    channel: &Channel,
    video: &Video,
    parts: &[&str],
    settings: &Settings,
    owner: bool,
    now: Timestamp,
) -> Value {
    let (views, likes, comments) = video.counters(now);
    let (upload_status, processing, reason) = video.progress(settings, now);
    let etag = short_id(
        &[
            &video.id,
            &views.to_string(),
            &video.edits.to_string(),
            &video.privacy,
            upload_status,
        ],
        27,
    );
    let mut item = json!({"kind": "youtube#video", "etag": etag, "id": video.id});
    for part in parts {
        let member = match *part {
            "snippet" => {
                let mut snippet = json!({
                    "publishedAt": rfc3339(video.public_at.unwrap_or(video.uploaded_at)), "channelId": channel.id, "title": video.title,
                    "description": video.description, "thumbnails": thumbnails(&video.id), "channelTitle": channel.title,
                    "categoryId": video.category_id, "liveBroadcastContent": "none",
                    "localized": {"title": video.title, "description": video.description},
                });
                if !video.tags.is_empty() {
                    snippet["tags"] = json!(video.tags);
                }
                if let Some(language) = &video.default_language {
                    snippet["defaultLanguage"] = json!(language);
                    snippet["defaultAudioLanguage"] = json!(language);
                }
                snippet
            }
            "contentDetails" => {
                let mut details = json!({"dimension": "2d", "definition": "hd", "caption": "false", "licensedContent": true, "contentRating": {}, "projection": "rectangular"});
                if upload_status == "uploaded" {
                    if let Some(text) = &settings.unprocessed_duration {
                        details["duration"] = json!(text);
                    }
                } else {
                    details["duration"] = json!(iso_duration(video.seconds));
                }
                if owner {
                    details["hasCustomThumbnail"] = json!(video.thumbnail_bytes.is_some());
                }
                details
            }
            "statistics" => {
                let mut statistics = Map::new();
                statistics.insert("viewCount".to_owned(), json!(views.to_string()));
                if let Some(likes) = likes.filter(|_| !hides(video, "likes", settings)) {
                    statistics.insert("likeCount".to_owned(), json!(likes.to_string()));
                }
                statistics.insert("favoriteCount".to_owned(), json!("0"));
                if let Some(comments) = comments.filter(|_| !hides(video, "comments", settings)) {
                    statistics.insert("commentCount".to_owned(), json!(comments.to_string()));
                }
                Value::Object(statistics)
            }
            "status" => status_part(video, upload_status, reason.as_deref(), owner),
            "fileDetails" => match &video.upload {
                Some(upload) if settings.file_details => {
                    let mut details = json!({"fileSize": upload.bytes.to_string(), "fileType": "video", "container": "mov"});
                    if let Some(name) = upload
                        .file_name
                        .as_ref()
                        .filter(|_| settings.slug_sets_file_name)
                    {
                        details["fileName"] = json!(name);
                    }
                    if upload_status != "uploaded" {
                        details["durationMs"] = json!((video.seconds * 1000).to_string());
                        details["bitrateBps"] =
                            json!((upload.bytes * 8 / video.seconds.max(1)).to_string());
                    }
                    details
                }
                _ => json!({}),
            },
            "processingDetails" => {
                let available = if settings.file_details {
                    "available"
                } else {
                    "inProgress"
                };
                let mut details = json!({
                    "processingStatus": processing, "fileDetailsAvailability": available, "processingIssuesAvailability": available,
                    "tagSuggestionsAvailability": "unavailable", "editorSuggestionsAvailability": "unavailable", "thumbnailsAvailability": available,
                });
                if processing == "processing" {
                    details["processingProgress"] =
                        json!({"partsTotal": "100", "partsProcessed": "40", "timeLeftMs": "30000"});
                }
                if processing == "failed" {
                    details["processingFailureReason"] = json!("transcodeFailed");
                }
                details
            }
            "player" => {
                json!({"embedHtml": format!("<iframe src=\"//www.youtube.com/embed/{}\"></iframe>", video.id)})
            }
            "localizations" | "suggestions" | "topicDetails" | "recordingDetails" => json!({}),
            _ => continue,
        };
        item[*part] = member;
    }
    item
}

fn status_part(video: &Video, upload_status: &str, reason: Option<&str>, owner: bool) -> Value {
    let mut status = json!({
        "uploadStatus": upload_status, "privacyStatus": video.privacy, "license": video.license, "embeddable": video.embeddable,
        "publicStatsViewable": video.public_stats_viewable, "madeForKids": video.made_for_kids.unwrap_or(false),
    });
    if let Some(reason) = reason {
        status[if upload_status == "rejected" {
            "rejectionReason"
        } else {
            "failureReason"
        }] = json!(reason);
    }
    if let Some(at) = video.publish_at {
        status["publishAt"] = json!(rfc3339(at));
    }
    if owner {
        if let Some(kids) = video.made_for_kids {
            status["selfDeclaredMadeForKids"] = json!(kids);
        }
        if let Some(synthetic) = video.synthetic {
            status["containsSyntheticMedia"] = json!(synthetic);
        }
    }
    status
}

// ---------------------------------------------------------------------------------------------------------------

pub(super) fn batch_stats(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::BatchStats, 1)?;
    let parts = parts(head, &["id", "snippet", "contentDetails", "statistics"])?;
    let ids = ids(head, "id");
    if ids.is_empty() {
        return Err(errors::missing_parameter("id"));
    }
    if ids.len() > 50 {
        return Err(errors::invalid_filters());
    }
    let now = world.clock.now();
    let youtube = lock(&world.youtube);
    let items: Vec<Value> = ids
        .into_iter()
        .filter_map(|id| youtube.video(id))
        .filter(|(channel, video)| video.is_visible_to(actor.channel.as_deref() == Some(&channel.id)))
        .filter(|(_, video)| !hides(video, "batch", &actor.settings))
        .map(|(_, video)| {
            let (views, likes, comments) = video.counters(now);
            let mut item = json!({"kind": "youtube#videoStats", "etag": short_id(&[&video.id, &views.to_string()], 27), "id": video.id});
            for part in &parts {
                item[*part] = match *part {
                    "snippet" => json!({"publishTime": rfc3339(video.public_at.unwrap_or(video.uploaded_at))}),
                    "contentDetails" => json!({"duration": format!("{}s", video.seconds)}),
                    "statistics" => {
                        let mut statistics = json!({"viewCount": views.to_string()});
                        if let Some(likes) = likes {
                            statistics["likeCount"] = json!(likes.to_string());
                        }
                        if let Some(comments) = comments {
                            statistics["commentCount"] = json!(comments.to_string());
                        }
                        statistics
                    }
                    _ => continue,
                };
            }
            item
        })
        .collect();
    Ok(json!({"kind": "youtube#batchGetStatsResponse", "etag": "", "items": items}))
}

/// `(id, title, assignable)`.
pub(super) const CATEGORIES: [(&str, &str, bool); 18] = [
    ("1", "Film & Animation", true),
    ("2", "Autos & Vehicles", true),
    ("10", "Music", true),
    ("15", "Pets & Animals", true),
    ("17", "Sports", true),
    ("18", "Short Movies", false),
    ("19", "Travel & Events", true),
    ("20", "Gaming", true),
    ("21", "Videoblogging", false),
    ("22", "People & Blogs", true),
    ("23", "Comedy", true),
    ("24", "Entertainment", true),
    ("25", "News & Politics", true),
    ("26", "Howto & Style", true),
    ("27", "Education", true),
    ("28", "Science & Technology", true),
    ("29", "Nonprofits & Activism", true),
    ("30", "Movies", false),
];

pub(super) fn categories(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Units, 1)?;
    parts(head, &["id", "snippet"])?;
    if head.param("regionCode").is_none() && head.param("id").is_none() {
        return Err(errors::missing_parameter("id, regionCode"));
    }
    let items: Vec<Value> = CATEGORIES
        .iter()
        .map(|(id, title, assignable)| {
            json!({"kind": "youtube#videoCategory", "etag": short_id(&["category", id], 27), "id": id,
                   "snippet": {"title": title, "assignable": assignable, "channelId": "UCBR8-60-B28hp2BmDPdntcQ"}})
        })
        .collect();
    Ok(json!({"kind": "youtube#videoCategoryListResponse", "etag": "", "items": items}))
}

/// Search has a bucket of its own and is never right for one's own uploads: it is answered, and noted.
pub(super) fn search(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    quota::charge(world, actor, Bucket::Search, 1)?;
    parts(head, &["id", "snippet"])?;
    let now = world.clock.now();
    let mut youtube: std::sync::MutexGuard<'_, Youtube> = lock(&world.youtube);
    youtube.violation(&actor.account, "search.list was called", now);
    Ok(
        json!({"kind": "youtube#searchListResponse", "etag": "", "regionCode": "US", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}, "items": []}),
    )
}
