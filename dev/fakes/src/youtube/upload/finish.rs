//! Making the video of a session whose last byte has come.

use axum::response::Response;
use serde_json::Value;

use super::responses::gone;
use crate::{
    digest::{hash, short_id},
    response::json_response,
    world::World,
    youtube::{
        principal::Principal, session::Session, settings::Settings, store::Youtube,
        video_resource::video_resource,
    },
};

pub(super) fn finish(
    world: &World,
    youtube: &mut Youtube,
    session: Session,
    principal: &Principal,
) -> Response {
    let now = world.clock.now();
    let settings = &principal.settings;
    let mut video = session.draft;
    let serial = youtube.next_serial();
    let id = short_id(
        &["upload", &world.seed.to_string(), &session.id, &serial],
        11,
    );
    video.id = id.clone();
    video.uploaded_at = now;
    video.views = video.views / 2 + hash(&[&id]) % (video.views + 1);
    if let Some(upload) = &mut video.upload {
        upload.bytes = session.received;
        upload.sha256 = session.hash.finish();
    }
    if video.publish_at.is_some_and(|at| at <= now) {
        video.publish();
    }
    if !video.is_private() {
        video.public_at = Some(now);
    }
    youtube.add_video(&session.channel, video);
    let Some((channel, video)) = youtube.video(&id) else {
        return gone(settings);
    };
    let parts: Vec<&str> = session.parts.iter().map(String::as_str).collect();
    let unprocessed = Settings {
        processing_polls: 1,
        processing_seconds: i64::MAX,
        ..settings.clone()
    };
    let body: Value = video_resource(channel, video, &parts, &unprocessed, true, now);
    if let Some(session) = youtube.sessions.get_mut(&session.id) {
        session.outcome = Some((settings.final_status, body.clone()));
        session.video_id = Some(id);
    }
    json_response(settings.final_status, &body)
}
