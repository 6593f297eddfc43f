//! Downloads of rendered files, made as they are sent.

use std::io;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{Stream, stream::unfold};
use http::Method;

use super::mp4::mp4_head;
use super::store::Render;
use crate::{HTML, Head, World, hash, lock, short_id, text_response, with_header};

const BLOCK: u64 = 65_536;

const JPEG: &[u8] = &[
    0xff, 0xd8, 0xff, 0xe0, 0, 0x10, b'J', b'F', b'I', b'F', 0, 0xff, 0xd9,
];

pub(crate) fn download(world: &World, head: &Head) -> Response {
    let now = world.clock.now();
    let name = head.path.rsplit('/').next().unwrap_or_default();
    let pid = name.split('.').next().unwrap_or_default();
    let mut revid = lock(&world.revid);
    let Some(render) = revid
        .renders
        .get_mut(pid)
        .filter(|render| render.is_due(now))
    else {
        return xml_error(404, "<Code>NoSuchKey</Code>");
    };
    render.downloads += 1;
    if head.path.starts_with("/t/") {
        return text_response(200, "image/jpeg", JPEG);
    }
    let settings = &render.settings;
    let ready_at = render.terminal_at.unwrap_or(render.submitted_at);
    let age = now.duration_since(ready_at).as_secs();
    if settings.file == "expired" || settings.file_life_seconds.is_some_and(|life| age >= life) {
        let content = "<Code>AccessDenied</Code><Message>Request has expired</Message>";
        return xml_error(403, content);
    }
    if settings.file == "html" {
        return text_response(200, HTML, "<!doctype html><title>One moment</title>");
    }
    video(render, head)
}

fn xml_error(status: u16, content: &str) -> Response {
    text_response(
        status,
        "application/xml",
        format!("<Error>{content}</Error>"),
    )
}

fn video(render: &Render, head: &Head) -> Response {
    let settings = &render.settings;
    let size = settings.file_bytes;
    let range = head.header("range").filter(|_| settings.file != "no_range");
    let range = range.and_then(|range| byte_range(range, size));
    let (from, to) = range.unwrap_or((0, size));
    let body = match head.method == Method::HEAD {
        true => Body::empty(),
        false => Body::from_stream(file_stream(render, from, to)),
    };
    let mut response = text_response(if range.is_some() { 206 } else { 200 }, "video/mp4", body);
    if range.is_some() {
        let range = format!("bytes {from}-{}/{size}", to - 1);
        response = with_header(response, "content-range", &range);
    }
    if settings.file != "no_length" {
        response = with_header(response, "content-length", &(to - from).to_string());
    }
    let etag = format!("\"{}\"", short_id(&["file", &render.pid], 16));
    with_header(
        with_header(response, "accept-ranges", "bytes"),
        "etag",
        &etag,
    )
}

/// The bytes that a `Range` header asks for: the first one and the one after the last.
fn byte_range(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = to.parse::<u64>().map_or(size, |to| (to + 1).min(size));
    (from < to).then_some((from, to))
}

/// Bytes `from..to` of a render's file, made as they are sent.
fn file_stream(
    render: &Render,
    from: u64,
    to: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let seed = hash(&["file", &render.pid]);
    let settings = &render.settings;
    let head = mp4_head(&render.pid, settings.duration_seconds, settings.file_bytes);
    unfold(from, move |at| {
        let next = (at < to).then(|| {
            let block = at / BLOCK;
            let start = block * BLOCK;
            let end = (start + BLOCK).min(to);
            let part = (at - start) as usize..(end - start) as usize;
            (Ok(file_block(seed, block, &head).slice(part)), end)
        });
        std::future::ready(next)
    })
}

fn file_block(seed: u64, block: u64, head: &[u8]) -> Bytes {
    let mut bytes = vec![0; BLOCK as usize];
    fastrand::Rng::with_seed(seed ^ block).fill(&mut bytes);
    if block == 0 {
        bytes[..head.len()].copy_from_slice(head);
    }
    Bytes::from(bytes)
}
