//! YouTube: Data API reads and writes, resumable upload, Analytics and Reporting.

mod analytics;
pub(crate) mod authorize;
mod channels;
pub(crate) mod control;
pub(crate) mod create;
mod edit;
pub(crate) mod errors;
mod metadata;
mod parameters;
mod reporting;
mod respond;
mod session;
mod settings;
pub(crate) mod store;
mod upload;
mod video;
mod video_resource;
mod videos;

use axum::response::Response;

use crate::{Call, Failure, Head, World, drain, google_not_found, lock};
use authorize::{authorize, charge_operation};
use respond::respond;

/// The names of what a request asks for, the main one first.
pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    let path = head.path.strip_prefix("/resumable").unwrap_or(&head.path);
    vec![match (head.method.as_str(), path) {
        ("GET", "/youtube/v3/channels") => "channels.list",
        ("GET", "/youtube/v3/playlistItems") => "playlistItems.list",
        ("GET", "/youtube/v3/videos") => "videos.list",
        ("PUT", "/youtube/v3/videos") => "videos.update",
        ("DELETE", "/youtube/v3/videos") => "videos.delete",
        ("GET", "/youtube/v3/videos:batchGetStats") => "videos.batchGetStats",
        ("GET", "/youtube/v3/videoCategories") => "videoCategories.list",
        ("GET", "/youtube/v3/search") => "search.list",
        ("POST", "/upload/youtube/v3/thumbnails/set") => "thumbnails.set",
        ("GET", "/v2/reports") => "reports.query",
        ("GET" | "POST" | "DELETE", path) if path.starts_with("/v1/") => "reporting",
        ("PUT" | "POST", "/upload/youtube/v3/videos") if head.param("upload_id").is_some() => {
            return upload::operations(head);
        }
        ("POST", "/upload/youtube/v3/videos") => return vec!["upload.start", "videos.insert"],
        _ => "unknown",
    }]
}

pub(crate) async fn handle(world: &World, call: Call) -> Result<Response, Failure> {
    let operation = operations(&call.head)[0];
    lock(&world.youtube).publish_due(world.clock.now());
    if operation == "unknown" {
        return Ok(google_not_found());
    }
    let authorized = authorize(world, &call.head, operation);
    let unread = lock(&call.stream).take_if(|_| authorized.is_err());
    if let Some(stream) = unread {
        drain(stream).await;
    }
    let (head, principal) = (&call.head, &authorized?);
    charge_operation(world, principal, operation)?;
    let body = match operation {
        "channels.list" => channels::channels(world, head, principal),
        "playlistItems.list" => channels::playlist_items(world, head, principal),
        "videos.list" => videos::videos(world, head, principal),
        "videos.batchGetStats" => videos::batch_stats(world, head, principal),
        "videoCategories.list" => videos::categories(head),
        "search.list" => videos::search(world, head, principal),
        "videos.update" => edit::update(world, &call, principal),
        "videos.delete" => return edit::delete(world, head, principal),
        "thumbnails.set" => edit::set_thumbnail(world, &call, principal),
        "reports.query" => analytics::query(world, head, principal),
        "reporting" => return reporting::handle(world, &call, principal),
        "upload.start" => return upload::start(world, &call, principal),
        "upload.status" => return Ok(upload::status(world, head, principal)),
        _ => return Ok(upload::chunk(world, &call, principal).await),
    };
    respond(head, body?)
}
