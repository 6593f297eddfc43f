//! Status queries: how much of the file has arrived.

use axum::response::Response;

use super::{
    content_range::ContentRange,
    responses::{find, gone, incomplete},
};
use crate::{
    lock::lock,
    request::Head,
    response::{HTML, json_response, text_response},
    world::World,
    youtube::principal::Principal,
};

pub(in crate::youtube) fn status(world: &World, head: &Head, principal: &Principal) -> Response {
    if head.header("content-length").is_none() {
        let page = "<html><title>Error 411 (Length Required)!!1</title></html>";
        return text_response(411, HTML, page);
    }
    let mut youtube = lock(&world.youtube);
    let Some(session) = find(&mut youtube, head, principal, world.clock.now()) else {
        return gone(&principal.settings);
    };
    session.status_queries += 1;
    if let ContentRange::Status(total) = ContentRange::read(head) {
        session.total = session.total.or(total);
    }
    match &session.outcome {
        Some((status, body)) => json_response(*status, body),
        None => incomplete(world, head, session, &principal.settings),
    }
}
