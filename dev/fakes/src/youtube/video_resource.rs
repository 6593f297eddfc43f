//! A video as the Data API shows it, part by part.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    channel::Channel,
    settings::Settings,
    thumbnails::thumbnails,
    video::{Progress, Video},
};
use crate::{
    clock::rfc3339,
    digest::{hash, short_id},
};

pub(super) const PARTS: [&str; 14] = [
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

/// Whether a video keeps a counter from the public, where some do.
pub(super) fn hides(video: &Video, what: &str, settings: &Settings) -> bool {
    settings.omit_some_stats && hash(&[&video.id, what]).is_multiple_of(9)
}

pub(super) fn video_resource(
    channel: &Channel,
    video: &Video,
    parts: &[&str],
    settings: &Settings,
    owner: bool,
    now: Timestamp,
) -> Value {
    let progress = video.progress(settings, now);
    let views = video.counters(now).views.to_string();
    let edits = video.edits.to_string();
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
                json!({"embedHtml": format!("<iframe src=\"//www.youtube.com/embed/{}\"></iframe>", video.id)})
            }
            "localizations" | "suggestions" | "topicDetails" | "recordingDetails" => json!({}),
            _ => continue,
        };
    }
    item
}

fn snippet(channel: &Channel, video: &Video) -> Value {
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

fn content_details(video: &Video, progress: &Progress, settings: &Settings, owner: bool) -> Value {
    let mut details = json!({"dimension": "2d", "definition": "hd", "caption": "false", "licensedContent": true, "contentRating": {}, "projection": "rectangular"});
    if progress.upload_status != "uploaded" {
        details["duration"] = json!(iso_duration(video.seconds));
    } else if let Some(text) = &settings.unprocessed_duration {
        details["duration"] = json!(text);
    }
    if owner {
        details["hasCustomThumbnail"] = json!(video.thumbnail_bytes.is_some());
    }
    details
}

fn iso_duration(seconds: u64) -> String {
    let mut text = "PT".to_owned();
    for (n, unit) in [
        (seconds / 3600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ] {
        if n > 0 || (seconds == 0 && unit == 'S') {
            text += &format!("{n}{unit}");
        }
    }
    text
}

fn statistics(video: &Video, settings: &Settings, now: Timestamp) -> Value {
    let counters = video.counters(now);
    let mut statistics = json!({"viewCount": counters.views.to_string(), "favoriteCount": "0"});
    if let Some(likes) = counters.likes.filter(|_| !hides(video, "likes", settings)) {
        statistics["likeCount"] = json!(likes.to_string());
    }
    if let Some(comments) = counters
        .comments
        .filter(|_| !hides(video, "comments", settings))
    {
        statistics["commentCount"] = json!(comments.to_string());
    }
    statistics
}

fn status(video: &Video, progress: &Progress, owner: bool) -> Value {
    let mut status = json!({
        "uploadStatus": progress.upload_status, "privacyStatus": video.privacy, "license": video.license, "embeddable": video.embeddable,
        "publicStatsViewable": video.public_stats_viewable, "madeForKids": video.made_for_kids.unwrap_or(false),
    });
    if let Some(reason) = &progress.reason {
        let is_rejected = progress.upload_status == "rejected";
        status[if is_rejected {
            "rejectionReason"
        } else {
            "failureReason"
        }] = json!(reason);
    }
    if let Some(at) = video.publish_at {
        status["publishAt"] = json!(rfc3339(at));
    }
    if let Some(kids) = video.made_for_kids.filter(|_| owner) {
        status["selfDeclaredMadeForKids"] = json!(kids);
    }
    if let Some(synthetic) = video.synthetic.filter(|_| owner) {
        status["containsSyntheticMedia"] = json!(synthetic);
    }
    status
}

fn file_details(video: &Video, progress: &Progress, settings: &Settings) -> Value {
    let Some(upload) = video.upload.as_ref().filter(|_| settings.file_details) else {
        return json!({});
    };
    let mut details =
        json!({"fileSize": upload.bytes.to_string(), "fileType": "video", "container": "mov"});
    if let Some(name) = upload
        .file_name
        .as_ref()
        .filter(|_| settings.slug_sets_file_name)
    {
        details["fileName"] = json!(name);
    }
    if progress.upload_status != "uploaded" {
        let bits = upload.bytes * 8 / video.seconds.max(1);
        details["durationMs"] = json!((video.seconds * 1000).to_string());
        details["bitrateBps"] = json!(bits.to_string());
    }
    details
}

fn processing_details(progress: &Progress, settings: &Settings) -> Value {
    let available = if settings.file_details {
        "available"
    } else {
        "inProgress"
    };
    let mut details = json!({
        "processingStatus": progress.processing_status, "fileDetailsAvailability": available, "processingIssuesAvailability": available,
        "tagSuggestionsAvailability": "unavailable", "editorSuggestionsAvailability": "unavailable", "thumbnailsAvailability": available,
    });
    match progress.processing_status {
        "processing" => {
            details["processingProgress"] =
                json!({"partsTotal": "100", "partsProcessed": "40", "timeLeftMs": "30000"});
        }
        "failed" => details["processingFailureReason"] = json!("transcodeFailed"),
        _ => {}
    }
    details
}
