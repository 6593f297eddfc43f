//! The rules for a video's metadata.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::errors::refused;
use super::video::Video;
use crate::Failure;

type Object = Map<String, Value>;

pub(crate) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// Reads a resource and refuses one that is not an object.
pub(crate) fn resource(body: &[u8]) -> Result<Object, Failure> {
    serde_json::from_slice(body).map_err(|_| refused("parseError"))
}

/// Sets the snippet from a request; what it does not name is emptied.
pub(crate) fn apply_snippet(
    video: &mut Video,
    snippet: &Object,
    update: bool,
) -> Result<(), Failure> {
    if update && !(snippet.contains_key("title") && snippet.contains_key("categoryId")) {
        return Err(refused("invalidVideoMetadata"));
    }
    let title = text(snippet, "title").unwrap_or_default();
    if title.trim().is_empty() || title.encode_utf16().count() > 100 || title.contains(['<', '>']) {
        return Err(refused("invalidTitle"));
    }
    let description = text(snippet, "description").unwrap_or_default();
    if description.len() > 5_000 || description.contains(['<', '>']) {
        return Err(refused("invalidDescription"));
    }
    let tags = tags(snippet).ok_or_else(|| refused("invalidTags"))?;
    let category = text(snippet, "categoryId").unwrap_or("22");
    if !CATEGORIES
        .iter()
        .any(|(id, _, assignable)| *id == category && *assignable)
    {
        return Err(refused("invalidCategoryId"));
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

/// The tags of a snippet, if they are allowed: at most 500 characters in all, with commas and quotation marks.
fn tags(snippet: &Object) -> Option<Vec<String>> {
    let text = |tag: &Value| tag.as_str().unwrap_or_default().to_owned();
    let tags: Vec<String> = match snippet.get("tags") {
        None | Some(Value::Null) => Vec::new(),
        Some(tags) => tags.as_array()?.iter().map(text).collect(),
    };
    let length = |tag: &String| tag.encode_utf16().count() + if tag.contains(' ') { 2 } else { 0 };
    let total = tags.iter().map(length).sum::<usize>() + tags.len().saturating_sub(1);
    let is_bad = |tag: &String| tag.is_empty() || tag.contains(['<', '>']);
    (total <= 500 && !tags.iter().any(is_bad)).then_some(tags)
}

/// Sets the status from a request; what it does not name falls back, which is not what it was.
pub(crate) fn apply_status(
    video: &mut Video,
    status: &Object,
    now: Timestamp,
    update: bool,
) -> Result<(), Failure> {
    let privacy = text(status, "privacyStatus").unwrap_or("public");
    if !["public", "unlisted", "private"].contains(&privacy) {
        return Err(refused("invalidVideoMetadata"));
    }
    let license = text(status, "license").unwrap_or("youtube");
    if !["youtube", "creativeCommon"].contains(&license) {
        return Err(refused("forbiddenLicenseSetting"));
    }
    let publish_at = publish_at(video, status, privacy)?;
    let flag = |name: &str| status.get(name).and_then(Value::as_bool);
    privacy.clone_into(&mut video.privacy);
    license.clone_into(&mut video.license);
    video.embeddable = flag("embeddable").unwrap_or(!update);
    video.public_stats_viewable = flag("publicStatsViewable").unwrap_or(!update);
    video.made_for_kids =
        flag("selfDeclaredMadeForKids").or(video.made_for_kids.filter(|_| update));
    video.synthetic = flag("containsSyntheticMedia").or(video.synthetic.filter(|_| update));
    video.publish_at = publish_at;
    if let (Some(at), Some(upload)) = (publish_at, &mut video.upload) {
        upload.scheduled_for = Some(at);
    }
    if publish_at.is_some_and(|at| at <= now) {
        // A time in the past publishes at once.
        video.publish();
    }
    if !video.is_private() && video.public_at.is_none() {
        video.public_at = Some(now);
    }
    Ok(())
}

/// The time of a scheduled publication, which only a private video that never was public can have.
fn publish_at(video: &Video, status: &Object, privacy: &str) -> Result<Option<Timestamp>, Failure> {
    let Some(time) = text(status, "publishAt") else {
        return Ok(None);
    };
    let at = time.parse().ok();
    let at = at.filter(|_| privacy == "private" && video.public_at.is_none());
    at.map(Some).ok_or_else(|| refused("invalidPublishAt"))
}

/// The categories that a video may have: id, title and whether it may be assigned.
pub(crate) const CATEGORIES: [(&str, &str, bool); 18] = [
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
