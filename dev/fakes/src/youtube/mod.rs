//! YouTube: Data API reads and writes, resumable upload, Analytics and Reporting.

mod analytics;
pub(crate) mod authorize;
mod categories;
mod channel;
pub(crate) mod control;
pub(crate) mod create;
mod edit;
mod errors;
mod fields;
mod ledger;
mod lists;
mod metadata;
pub(crate) mod named_errors;
mod parameters;
mod principal;
mod quota;
mod report_job;
mod reporting;
mod respond;
mod session;
mod set_thumbnail;
mod settings;
pub(crate) mod state;
pub(crate) mod store;
mod thumbnails;
mod upload;
mod video;
mod video_resource;

use axum::response::Response;

use crate::{
    failure::Failure,
    lock::lock,
    request::{Call, Head, drain},
    response::google_not_found,
    world::World,
};

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
    let principal = match authorize::authorize(world, &call.head, operation) {
        Ok(principal) => principal,
        Err(failure) => {
            let stream = lock(&call.stream).take();
            if let Some(stream) = stream {
                drain(stream).await;
            }
            return Err(failure);
        }
    };
    let (head, principal) = (&call.head, &principal);
    quota::charge_operation(world, principal, operation)?;
    let body = match operation {
        "channels.list" => lists::channels::list(world, head, principal),
        "playlistItems.list" => lists::playlist_items::list(world, head, principal),
        "videos.list" => lists::videos::list(world, head, principal),
        "videos.batchGetStats" => lists::batch_stats::list(world, head, principal),
        "videoCategories.list" => lists::categories::list(head),
        "search.list" => lists::search::list(world, head, principal),
        "videos.update" => edit::update(world, &call, principal),
        "videos.delete" => return edit::delete(world, head, principal),
        "thumbnails.set" => set_thumbnail::set(world, &call, principal),
        "reports.query" => analytics::query(world, head, principal),
        "reporting" => return reporting::handle(world, &call, principal),
        "upload.start" => return upload::start(world, &call, principal),
        "upload.status" => return Ok(upload::status(world, head, principal)),
        _ => return Ok(upload::chunk(world, &call, principal).await),
    };
    respond::respond(head, body?)
}
