//! `/_control`: what tests change at YouTube.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ledger::Ledger, settings::Settings};
use crate::{
    accounts::create_account,
    lock::lock,
    request::{Head, read_json},
    world::World,
};

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
    if let Some(privacy) = &change.privacy {
        video.privacy.clone_from(privacy);
        if privacy == "public" && video.public_at.is_none() {
            video.public_at = Some(now);
        }
    }
    video.views = change.views.unwrap_or(video.views);
    video.likes = change.likes.or(video.likes);
    video.comments = change.comments.or(video.comments);
    video.deleted |= change.delete;
    video.edits += 1;
    Ok(json!({}))
}
