//! A video as the Data API shows it, part by part. What is null here is not in the response.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::respond::without_nulls;
use super::settings::Settings;
use super::store::Channel;
use super::video::{Progress, Video};
use crate::{hash, rfc3339, short_id};

pub(crate) const PARTS: &str = "id snippet contentDetails statistics status fileDetails processingDetails suggestions \
                                localizations player topicDetails recordingDetails liveStreamingDetails paidProductPlacementDetails";

/// Whether a video keeps a counter from the public, where some do.
pub(crate) fn hides(video: &Video, what: &str, settings: &Settings) -> bool {
    settings.omit_some_stats && hash(&[&video.id, what]).is_multiple_of(9)
}

pub(crate) fn video_resource(
    channel: &Channel,
    video: &Video,
    parts: &[&str],
    settings: &Settings,
    owner: bool,
    now: Timestamp,
) -> Value {
    let progress = video.progress(settings, now);
    let (views, edits) = (
        video.counters(now).views.to_string(),
        video.edits.to_string(),
    );
    let facts = [
        &video.id,
        &views,
        &edits,
        &video.privacy,
        progress.upload_status,
    ];
    let mut item = json!({"kind": "youtube#video", "etag": short_id(&facts, 27), "id": video.id});
    for part in parts {
        item[*part] = match *part {
            "snippet" => snippet(channel, video),
            "contentDetails" => content_details(video, &progress, settings, owner),
            "statistics" => statistics(video, settings, now),
            "status" => status(video, &progress, owner),
            "fileDetails" => file_details(video, &progress, settings),
            "processingDetails" => processing_details(&progress, settings),
            "player" => {
                let address = format!("//www.youtube.com/embed/{}", video.id);
                json!({"embedHtml": format!("<iframe src=\"{address}\"></iframe>")})
            }
            "localizations" | "suggestions" | "topicDetails" | "recordingDetails" => json!({}),
            _ => continue,
        };
    }
    without_nulls(item)
}

fn snippet(channel: &Channel, video: &Video) -> Value {
    json!({
        "publishedAt": rfc3339(video.public_at.unwrap_or(video.uploaded_at)), "channelId": channel.id, "title": video.title,
        "description": video.description, "thumbnails": thumbnails(&video.id), "channelTitle": channel.title,
        "categoryId": video.category_id, "liveBroadcastContent": "none",
        "localized": {"title": video.title, "description": video.description},
        "tags": (!video.tags.is_empty()).then_some(&video.tags),
        "defaultLanguage": video.default_language, "defaultAudioLanguage": video.default_language,
    })
}

fn content_details(video: &Video, progress: &Progress, settings: &Settings, owner: bool) -> Value {
    let duration = match progress.upload_status {
        "uploaded" => settings.unprocessed_duration.clone(),
        _ => Some(iso_duration(video.seconds)),
    };
    json!({
        "dimension": "2d", "definition": "hd", "caption": "false", "licensedContent": true, "contentRating": {},
        "projection": "rectangular", "duration": duration, "hasCustomThumbnail": owner.then_some(video.thumbnail_bytes.is_some()),
    })
}

fn iso_duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = "PT".to_owned();
    for (n, unit) in [(hours, 'H'), (minutes, 'M'), (rest, 'S')] {
        if n > 0 || (seconds == 0 && unit == 'S') {
            text += &format!("{n}{unit}");
        }
    }
    text
}

fn statistics(video: &Video, settings: &Settings, now: Timestamp) -> Value {
    let counters = video.counters(now);
    let shown = |what: &str, count: Option<u64>| {
        let count = count.filter(|_| !hides(video, what, settings));
        count.map(|count| count.to_string())
    };
    json!({
        "viewCount": counters.views.to_string(), "favoriteCount": "0", "likeCount": shown("likes", counters.likes),
        "commentCount": shown("comments", counters.comments),
    })
}

fn status(video: &Video, progress: &Progress, owner: bool) -> Value {
    let is_rejected = progress.upload_status == "rejected";
    let reason = |rejected: bool| progress.reason.as_ref().filter(|_| is_rejected == rejected);
    json!({
        "uploadStatus": progress.upload_status, "privacyStatus": video.privacy, "license": video.license, "embeddable": video.embeddable,
        "publicStatsViewable": video.public_stats_viewable, "madeForKids": video.made_for_kids.unwrap_or(false),
        "rejectionReason": reason(true), "failureReason": reason(false), "publishAt": video.publish_at.map(rfc3339),
        "selfDeclaredMadeForKids": video.made_for_kids.filter(|_| owner), "containsSyntheticMedia": video.synthetic.filter(|_| owner),
    })
}

fn file_details(video: &Video, progress: &Progress, settings: &Settings) -> Value {
    let Some(upload) = video.upload.as_ref().filter(|_| settings.file_details) else {
        return json!({});
    };
    let processed = |n: u64| (progress.upload_status != "uploaded").then(|| n.to_string());
    json!({
        "fileSize": upload.bytes.to_string(), "fileType": "video", "container": "mov",
        "fileName": upload.file_name.as_ref().filter(|_| settings.slug_sets_file_name),
        "durationMs": processed(video.seconds * 1000), "bitrateBps": processed(upload.bytes * 8 / video.seconds.max(1)),
    })
}

fn processing_details(progress: &Progress, settings: &Settings) -> Value {
    let available = if settings.file_details {
        "available"
    } else {
        "inProgress"
    };
    let status = progress.processing_status;
    let so_far = json!({"partsTotal": "100", "partsProcessed": "40", "timeLeftMs": "30000"});
    json!({
        "processingStatus": status, "fileDetailsAvailability": available, "processingIssuesAvailability": available,
        "tagSuggestionsAvailability": "unavailable", "editorSuggestionsAvailability": "unavailable", "thumbnailsAvailability": available,
        "processingProgress": (status == "processing").then_some(so_far),
        "processingFailureReason": (status == "failed").then_some("transcodeFailed"),
    })
}

/// The thumbnails of a video or channel.
pub(crate) fn thumbnails(id: &str) -> Value {
    let url = |name: &str| format!("https://i.ytimg.com/vi/{id}/{name}.jpg");
    let one =
        |name, width: u32, height: u32| json!({"url": url(name), "width": width, "height": height});
    json!({"default": one("default", 120, 90), "medium": one("mqdefault", 320, 180), "high": one("hqdefault", 480, 360)})
}
