//! `/_state`: what YouTube holds.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    channel::Channel,
    settings::Settings,
    store::Violation,
    video::{UploadedFile, Video},
};
use crate::{
    clock::{pacific_day, rfc3339},
    lock::lock,
    request::Head,
    world::World,
};

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
            .filter_map(|video| Some((video, video.upload.as_ref()?)));
        created.extend(uploads.map(|(video, file)| show(channel, video, file, &settings, now)));
    }
    created.sort_by(|a, b| a["created_at"].as_str().cmp(&b["created_at"].as_str()));
    let sessions: Vec<Value> = youtube
        .sessions
        .values()
        .filter(|session| wanted(&session.account, &session.channel))
        .map(|session| session.summary(now, &youtube.settings(&session.account)))
        .collect();
    let is_wanted = |violation: &&Violation| head.allows("account", Some(&violation.account));
    let violations: Vec<&Violation> = youtube.violations.iter().filter(is_wanted).collect();
    json!({
        "now": now.to_string(), "quota_day": pacific_day(now).to_string(), "channels": channels, "videos_created": created,
        "sessions": sessions, "quota": youtube.quota.list(), "violations": violations, "reporting_jobs": youtube.jobs.len(),
    })
}

fn show(
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
