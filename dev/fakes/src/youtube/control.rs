//! `/_state` and `/_control`: what YouTube holds, and what tests change.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::create::create_account;
use super::session::Session;
use super::settings::Settings;
use super::store::{Channel, Ledger, Violation};
use super::video::{UploadedFile, Video};
use crate::{Head, World, lock, pacific_day, read_json, rfc3339};

pub(crate) fn state(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    youtube.publish_due(now);
    let wanted = |account: &str, channel: &str| {
        head.allows("account", Some(account)) && head.allows("channel", Some(channel))
    };
    let mut created = Vec::new();
    let mut channels = Vec::new();
    for channel in youtube
        .channels
        .values()
        .filter(|one| wanted(&one.account, &one.id))
    {
        let settings = youtube.settings(&channel.account);
        let videos = channel.present_videos().count();
        channels.push(json!({"id": channel.id, "account": channel.account, "title": channel.title, "time_zone": channel.time_zone, "videos": videos}));
        let uploads = channel
            .videos
            .iter()
            .filter_map(|video| video.upload.as_ref().zip(Some(video)));
        created
            .extend(uploads.map(|(file, video)| show_upload(channel, video, file, &settings, now)));
    }
    created.sort_by(|a, b| a["created_at"].as_str().cmp(&b["created_at"].as_str()));
    let sessions = youtube
        .sessions
        .values()
        .filter(|one| wanted(&one.account, &one.channel));
    let show = |one: &Session| one.summary(now, &youtube.settings(&one.account));
    let sessions: Vec<Value> = sessions.map(show).collect();
    let is_wanted = |violation: &&Violation| head.allows("account", Some(&violation.account));
    let violations: Vec<&Violation> = youtube.violations.iter().filter(is_wanted).collect();
    json!({
        "now": now.to_string(), "quota_day": pacific_day(now).to_string(), "channels": channels, "videos_created": created,
        "sessions": sessions, "quota": youtube.quota.list(), "violations": violations, "reporting_jobs": youtube.jobs.len(),
    })
}

fn show_upload(
    channel: &Channel,
    video: &Video,
    file: &UploadedFile,
    settings: &Settings,
    now: Timestamp,
) -> Value {
    let progress = video.progress(settings, now);
    json!({
        "id": video.id, "account": channel.account, "channel_id": channel.id, "title": video.title,
        "description": video.description, "tags": video.tags, "category_id": video.category_id,
        "marker": video.marker(), "file_name": file.file_name, "bytes": file.bytes, "size": file.bytes,
        "sha256": file.sha256, "content_type": file.content_type, "privacy": video.privacy,
        "publish_at": video.publish_at.map(rfc3339), "scheduled_for": file.scheduled_for.map(rfc3339),
        "public_at": video.public_at.map(rfc3339), "created_at": rfc3339(video.uploaded_at),
        "upload_status": progress.upload_status, "processing_status": progress.processing_status, "session": file.session,
        "made_for_kids": video.made_for_kids, "synthetic": video.synthetic, "embeddable": video.embeddable,
        "notify_subscribers": file.notify_subscribers, "thumbnail_bytes": video.thumbnail_bytes,
        "deleted": video.deleted, "edits": video.edits,
    })
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    match head.control_route()? {
        ("POST", "accounts") => Some(read_json(body).and_then(|new| create_account(world, new))),
        ("POST", "sessions/expire") => Some(Ok(expire_sessions(world, head))),
        ("POST", "videos") => Some(read_json(body).and_then(|change| change_video(world, &change))),
        ("DELETE", "quota") => {
            lock(&world.youtube).quota = Ledger::default();
            Some(Ok(json!({})))
        }
        _ => lock(&world.youtube)
            .knobs
            .control::<Settings>("account", head, body),
    }
}

fn expire_sessions(world: &World, head: &Head) -> Value {
    let mut youtube = lock(&world.youtube);
    let open = youtube
        .sessions
        .values_mut()
        .filter(|session| !session.expired);
    let wanted = open.filter(|session| head.allows("account", Some(&session.account)));
    let expired = wanted.map(|session| session.expired = true).count();
    json!({"expired": expired})
}

/// What the creator does by hand in YouTube Studio.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeVideo {
    id: String,
    title: Option<String>,
    privacy: Option<String>,
    publish_at: Option<Timestamp>,
    embeddable: Option<bool>,
    views: Option<u64>,
    likes: Option<u64>,
    comments: Option<u64>,
    #[serde(default)]
    delete: bool,
}

fn change_video(world: &World, change: &ChangeVideo) -> Result<Value, String> {
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    let video = youtube.video_mut(&change.id).ok_or("no such video")?;
    if let Some(title) = &change.title {
        video.title.clone_from(title);
    }
    video.embeddable = change.embeddable.unwrap_or(video.embeddable);
    if let Some(privacy) = &change.privacy {
        video.privacy.clone_from(privacy);
        let is_public = privacy == "public";
        video.public_at = video.public_at.or(is_public.then_some(now));
    }
    video.publish_at = change.publish_at.or(video.publish_at);
    video.views = change.views.unwrap_or(video.views);
    video.likes = change.likes.or(video.likes);
    video.comments = change.comments.or(video.comments);
    video.deleted |= change.delete;
    video.edits += 1;
    Ok(json!({}))
}
