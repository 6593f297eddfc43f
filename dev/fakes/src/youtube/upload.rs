//! Resumable uploads: sessions, chunks, status queries.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use axum::{body::Body, response::Response};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Actor, Failure, Settings, Upload, Video, errors, manage,
    quota::{self, Bucket},
    reads::{self, VIDEO_PARTS},
};
use crate::{
    clock::rfc3339,
    server::{Call, Head, Wish, json_answer, lock, text_answer, with_header},
    world::{World, hash, hex, short_id},
};

/// What the server keeps of an interrupted chunk is a multiple of this.
const BLOCK: u64 = 262_144;
const LARGEST: u64 = 274_877_906_944;

/// A resumable session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    id: String,
    pub(super) account: String,
    pub(super) channel: String,
    parts: Vec<String>,
    draft: Video,
    total: Option<u64>,
    received: u64,
    created_at: Timestamp,
    /// The final answer, repeated to whoever asks again.
    outcome: Option<(u16, Value)>,
    video_id: Option<String>,
    pub(super) expired: bool,
    writers: u32,
    chunks: u32,
    status_queries: u32,
    #[serde(skip)]
    hash: Hash,
}

/// A running digest; not kept between two runs of the stand-in.
#[derive(Clone, Default)]
struct Hash(Option<Context>);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash")
    }
}

impl Session {
    pub(super) fn facts(&self, now: Timestamp, settings: &Settings) -> Value {
        let state = match (&self.outcome, self.is_gone(now, settings)) {
            (Some((status, _)), _) if *status < 300 => "completed",
            (Some(_), _) => "failed",
            (None, true) => "expired",
            (None, false) => "open",
        };
        json!({
            "session": short_id(&["shown", &self.id], 12), "account": self.account, "channel_id": self.channel, "title": self.draft.title,
            "total": self.total, "received": self.received, "state": state, "video_id": self.video_id, "created_at": rfc3339(self.created_at),
            "chunks": self.chunks, "status_queries": self.status_queries,
        })
    }

    fn is_gone(&self, now: Timestamp, settings: &Settings) -> bool {
        self.expired
            || now.duration_since(self.created_at).as_secs() >= settings.session_seconds
            || (self.outcome.is_some() && settings.forget_completed_sessions)
    }
}

/// What a `Content-Range` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `bytes */TOTAL`
    Status(Option<u64>),
    /// `bytes FIRST-LAST/TOTAL`
    Bytes {
        first: u64,
        last: u64,
        total: Option<u64>,
    },
    /// No header: the whole file.
    Whole,
    Malformed,
}

fn part(head: &Head) -> Part {
    let Some(text) = head.header("content-range") else {
        return Part::Whole;
    };
    let parsed = text.strip_prefix("bytes ").and_then(|rest| {
        let (range, total) = rest.trim().split_once('/')?;
        let total = if total == "*" {
            None
        } else {
            Some(total.parse().ok()?)
        };
        if range == "*" {
            return Some(Part::Status(total));
        }
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && total.is_none_or(|total| last < total)).then_some(Part::Bytes {
            first,
            last,
            total,
        })
    });
    parsed.unwrap_or(Part::Malformed)
}

pub(super) fn operations(head: &Head) -> Vec<&'static str> {
    match part(head) {
        Part::Status(_) => vec!["upload.status"],
        Part::Bytes {
            last,
            total: Some(total),
            ..
        } if last + 1 == total => vec!["upload.chunk", "upload.final"],
        Part::Whole => vec!["upload.chunk", "upload.final"],
        _ => vec!["upload.chunk"],
    }
}

/// Reads a body to its end and forgets it, so that an early answer reaches the client.
pub(super) async fn swallow(body: Body) {
    let mut stream = body.into_data_stream();
    while let Some(Ok(_)) = stream.next().await {}
}

pub(super) fn start(world: &World, call: &Call, actor: &Actor) -> Result<Response, Failure> {
    let head = &call.head;
    let now = world.clock.now();
    if head.param("uploadType") != Some("resumable") {
        let mut youtube = lock(&world.youtube);
        youtube.violation(&actor.account, "an upload that is not resumable", now);
        return Err(errors::invalid_parameter(
            "uploadType",
            "Only resumable uploads are served here.",
        ));
    }
    quota::charge(world, actor, Bucket::Uploads, 1)?;
    let result = open(world, call, actor, now);
    if result.is_err() && !actor.settings.failed_starts_are_charged {
        quota::refund(world, actor, Bucket::Uploads, 1);
    }
    let (id, parts) = result?;
    let uri = uri(world, &id, &parts);
    Ok(with_header(super::empty(200), "location", &uri))
}

fn uri(world: &World, id: &str, parts: &[String]) -> String {
    format!(
        "{}/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}&part={}",
        world.urls().youtube,
        parts.join(",")
    )
}

fn open(
    world: &World,
    call: &Call,
    actor: &Actor,
    now: Timestamp,
) -> Result<(String, Vec<String>), Failure> {
    let head = &call.head;
    let channel_id = actor.channel()?.to_owned();
    let parts: Vec<String> = reads::parts(head, &VIDEO_PARTS)?
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .get(&channel_id)
        .ok_or_else(errors::signup_required)?;
    if let Some(limit) = actor.settings.channel_upload_limit {
        let recent = channel
            .videos
            .iter()
            .filter(|video| {
                video.upload.is_some() && now.duration_since(video.uploaded_at).as_hours() < 24
            })
            .count();
        if recent as u64 >= limit {
            return Err(errors::upload_limit());
        }
    }
    let mime = head
        .header("x-upload-content-type")
        .unwrap_or("application/octet-stream");
    if !(mime.starts_with("video/") || mime.starts_with("application/octet-stream")) {
        return Err(errors::failure(
            400,
            "global",
            "badContent",
            &format!(
                "Media type '{mime}' is not supported. Valid media types: [application/octet-stream, video/*]"
            ),
        ));
    }
    let total = head
        .header("x-upload-content-length")
        .and_then(|length| length.parse::<u64>().ok());
    if total.is_some_and(|total| total > LARGEST) {
        return Err(errors::failure(
            413,
            "global",
            "uploadTooLarge",
            "Media larger than 274877906944 bytes.",
        ));
    }
    if total == Some(0) {
        return Err(errors::failure(
            400,
            "youtube.video",
            "mediaBodyRequired",
            "The request does not include the video content.",
        ));
    }
    let body = manage::resource(&call.body)?;
    let empty = Map::new();
    let member = |name: &str| {
        body.get(name)
            .and_then(Value::as_object)
            .filter(|_| parts.iter().any(|part| part == name))
            .unwrap_or(&empty)
    };
    let typical = {
        let mut views: Vec<u64> = channel
            .videos
            .iter()
            .filter(|video| video.upload.is_none())
            .map(|video| video.views)
            .collect();
        views.sort_unstable();
        views.get(views.len() / 2).copied().unwrap_or(500)
    };
    let mut draft = draft(now, typical);
    draft.upload = Some(Upload {
        session: String::new(),
        bytes: 0,
        sha256: None,
        content_type: mime.to_owned(),
        file_name: head.header("slug").map(str::to_owned),
        scheduled_for: None,
        notify_subscribers: head.param("notifySubscribers") != Some("false"),
        polls: 0,
    });
    manage::apply_snippet(&mut draft, member("snippet"), false)?;
    manage::apply_status(&mut draft, member("status"), now, false)?;
    // The rules were checked now; they take effect when the last byte is in.
    draft.public_at = None;
    youtube.serial += 1;
    let id = format!(
        "AF{}",
        short_id(
            &[
                "session",
                &world.seed.to_string(),
                &youtube.serial.to_string(),
                &now.to_string()
            ],
            40
        )
    );
    if let Some(upload) = &mut draft.upload {
        upload.session = short_id(&["shown", &id], 12);
    }
    let session = Session {
        id: id.clone(),
        account: actor.account.clone(),
        channel: channel_id,
        parts: parts.clone(),
        draft,
        total,
        received: 0,
        created_at: now,
        outcome: None,
        video_id: None,
        expired: false,
        writers: 0,
        chunks: 0,
        status_queries: 0,
        hash: Hash(Some(Context::new(&SHA256))),
    };
    youtube.sessions.insert(id.clone(), session);
    Ok((id, parts))
}

fn draft(now: Timestamp, views: u64) -> Video {
    Video {
        id: String::new(),
        title: String::new(),
        description: String::new(),
        tags: Vec::new(),
        category_id: "22".to_owned(),
        default_language: None,
        uploaded_at: now,
        public_at: None,
        seconds: 38,
        short: false,
        views,
        likes: None,
        comments: None,
        privacy: "public".to_owned(),
        publish_at: None,
        license: "youtube".to_owned(),
        embeddable: true,
        public_stats_viewable: true,
        made_for_kids: None,
        synthetic: None,
        deleted: false,
        edits: 0,
        thumbnail_bytes: None,
        upload: None,
    }
}

fn gone(settings: &Settings) -> Response {
    text_answer(
        settings.session_gone_status,
        "text/plain; charset=utf-8",
        "Not Found",
    )
}

/// 308 with what is stored, or its stand-in for clients that cannot take a 308.
fn incomplete(
    world: &World,
    head: &Head,
    session: &Session,
    received: u64,
    settings: &Settings,
) -> Response {
    let mut response = if head.header("x-guploader-no-308") == Some("yes") {
        with_header(super::empty(200), "x-http-status-code-override", "308")
    } else {
        super::empty(308)
    };
    if received > 0 {
        response = with_header(response, "range", &format!("bytes=0-{}", received - 1));
    }
    if settings.new_location_on_308 {
        response = with_header(
            response,
            "location",
            &(uri(world, &session.id, &session.parts) + "&moved=1"),
        );
    }
    response
}

/// The session of a call, or the answer that there is none.
fn find<'a>(
    youtube: &'a mut super::Youtube,
    head: &Head,
    actor: &Actor,
    now: Timestamp,
) -> Option<&'a mut Session> {
    let session = youtube.sessions.get_mut(head.param("upload_id")?)?;
    (session.account == actor.account && !session.is_gone(now, &actor.settings)).then_some(session)
}

pub(super) fn status(world: &World, call: &Call, actor: &Actor) -> Result<Response, Failure> {
    let head = &call.head;
    let now = world.clock.now();
    if head.header("content-length").is_none() {
        return Ok(text_answer(
            411,
            "text/html; charset=UTF-8",
            "<html><title>Error 411 (Length Required)!!1</title></html>",
        ));
    }
    let mut youtube = lock(&world.youtube);
    let Some(session) = find(&mut youtube, head, actor, now) else {
        return Ok(gone(&actor.settings));
    };
    session.status_queries += 1;
    if let (Part::Status(Some(total)), None) = (part(head), session.total) {
        session.total = Some(total);
    }
    if let Some((status, body)) = &session.outcome {
        return Ok(json_answer(*status, body));
    }
    Ok(incomplete(
        world,
        head,
        session,
        session.received,
        &actor.settings,
    ))
}

pub(super) async fn chunk(world: &World, call: Call, actor: &Actor) -> Result<Response, Failure> {
    let Call {
        head, stream, wish, ..
    } = call;
    let now = world.clock.now();
    let body = lock(&stream).take().unwrap_or_else(Body::empty);
    let range = part(&head);
    // Decide before reading; an answer that needs no bytes still lets the client finish sending.
    let start = {
        let mut youtube = lock(&world.youtube);
        let plan = plan(world, &mut youtube, &head, actor, range, now);
        if let Err(what) = &plan
            && let Some(violation) = what.violation
            && !wish.late
        {
            youtube.violation(&actor.account, violation, now);
        }
        plan
    };
    let (first, expected, total, hash) = match start {
        Ok(plan) => plan,
        Err(refusal) => {
            swallow(body).await;
            return Ok(*refusal.response);
        }
    };

    // What arrived counts, also when the client is gone before the end.
    let more = total.is_none_or(|total| first + expected < total);
    let got = read_bytes(body, hash, expected, more, wish.after_bytes).await;

    let mut youtube = lock(&world.youtube);
    let now = world.clock.now();
    let Some(session) = head
        .param("upload_id")
        .and_then(|id| youtube.sessions.get_mut(id))
    else {
        return Ok(gone(&actor.settings));
    };
    session.writers = session.writers.saturating_sub(1);
    if session.received != first || session.outcome.is_some() {
        if !wish.late {
            youtube.violation(&actor.account, "two writers on one session", now);
        }
        return Ok(gap(&actor.settings));
    }
    let arrived = first + got.read;
    let complete = got.whole && total == Some(arrived);
    if complete {
        session.received = arrived;
        session.total = Some(arrived);
        let digest = got.hash.0.map(|context| hex(context.finish().as_ref()));
        return Ok(finish(
            world,
            &mut youtube,
            &head,
            actor,
            digest,
            now,
            &wish,
        ));
    }
    session.received = first + got.stored;
    session.hash = got.hash;
    let session = session.clone();
    Ok(incomplete(
        world,
        &head,
        &session,
        session.received,
        &actor.settings,
    ))
}

struct Refusal {
    response: Box<Response>,
    violation: Option<&'static str>,
}

fn gap(settings: &Settings) -> Response {
    text_answer(
        settings.gap_status,
        "text/plain; charset=utf-8",
        "Invalid request.  According to the Content-Range header, the upload offset does not match what was received.",
    )
}

type Plan = (u64, u64, Option<u64>, Hash);

fn plan(
    world: &World,
    youtube: &mut super::Youtube,
    head: &Head,
    actor: &Actor,
    range: Part,
    now: Timestamp,
) -> Result<Plan, Refusal> {
    let settings = &actor.settings;
    let refuse = |response: Response, violation| Refusal {
        response: Box::new(response),
        violation,
    };
    let Some(session) = find(youtube, head, actor, now) else {
        return Err(refuse(gone(settings), None));
    };
    if let Some((status, body)) = &session.outcome {
        return Err(refuse(
            json_answer(*status, body),
            Some("bytes sent to a session that was complete"),
        ));
    }
    let length = head
        .header("content-length")
        .and_then(|length| length.parse::<u64>().ok());
    let (first, expected, total) = match range {
        Part::Bytes { first, last, total } => (first, last + 1 - first, total.or(session.total)),
        Part::Whole => match length.or(session.total) {
            Some(length) => (0, length, Some(length)),
            None => {
                return Err(refuse(
                    text_answer(411, "text/plain", "Length Required"),
                    None,
                ));
            }
        },
        Part::Status(_) | Part::Malformed => {
            return Err(refuse(
                text_answer(
                    400,
                    "text/plain; charset=utf-8",
                    "Failed to parse Content-Range header.",
                ),
                Some("malformed Content-Range"),
            ));
        }
    };
    if length.is_some_and(|length| length != expected) {
        return Err(refuse(
            text_answer(
                400,
                "text/plain; charset=utf-8",
                "Content-Length does not match Content-Range.",
            ),
            Some("Content-Length and Content-Range differ"),
        ));
    }
    if session
        .total
        .is_some_and(|known| total.is_some_and(|total| total != known))
    {
        return Err(refuse(
            text_answer(
                400,
                "text/plain; charset=utf-8",
                "The total size differs from X-Upload-Content-Length.",
            ),
            Some("the total size changed"),
        ));
    }
    let last = total.is_some_and(|total| first + expected == total);
    if !last && !expected.is_multiple_of(BLOCK) {
        return Err(refuse(
            text_answer(
                settings.misaligned_status,
                "text/plain; charset=utf-8",
                "Chunk size must be a multiple of 262144 bytes.",
            ),
            Some("a chunk that is not a multiple of 256 KiB"),
        ));
    }
    if first != session.received {
        return Err(refuse(
            gap(settings),
            Some("a chunk that does not start where the last one ended"),
        ));
    }
    session.chunks += 1;
    session.writers += 1;
    let crowded = session.writers > 1;
    session.total = session.total.or(total);
    let plan = (first, expected, total, session.hash.clone());
    if crowded {
        youtube.violation(
            &actor.account,
            "two writers on one session at the same time",
            now,
        );
    }
    let _ = world;
    Ok(plan)
}

/// What came of reading a chunk.
#[derive(Default)]
struct Got {
    /// Bytes read.
    read: u64,
    /// Of these, what the server keeps if this was not the end.
    stored: u64,
    /// Whether all announced bytes came.
    whole: bool,
    hash: Hash,
}

async fn read_bytes(body: Body, hash: Hash, expected: u64, more: bool, limit: Option<u64>) -> Got {
    let mut stream = body.into_data_stream();
    let mut got = Got {
        hash,
        ..Got::default()
    };
    let mut pending: Vec<u8> = Vec::with_capacity(BLOCK as usize);
    let limit = limit.unwrap_or(u64::MAX).min(expected);
    while got.read < limit {
        let Some(Ok(bytes)) = stream.next().await else {
            break;
        };
        let take = usize::try_from(limit - got.read)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        got.read += take as u64;
        let mut rest = &bytes[..take];
        while !rest.is_empty() {
            let room = (BLOCK as usize - pending.len()).min(rest.len());
            pending.extend_from_slice(&rest[..room]);
            rest = &rest[room..];
            if pending.len() == BLOCK as usize {
                if let Some(context) = &mut got.hash.0 {
                    context.update(&pending);
                }
                got.stored += BLOCK;
                pending.clear();
            }
        }
    }
    got.whole = got.read == expected;
    if got.whole
        && !more
        && let Some(context) = &mut got.hash.0
    {
        context.update(&pending);
    }
    got
}

fn finish(
    world: &World,
    youtube: &mut super::Youtube,
    head: &Head,
    actor: &Actor,
    digest: Option<String>,
    now: Timestamp,
    wish: &Wish,
) -> Response {
    let Some(session) = head
        .param("upload_id")
        .and_then(|id| youtube.sessions.get(id))
        .cloned()
    else {
        return gone(&actor.settings);
    };
    let mut video = session.draft.clone();
    youtube.serial += 1;
    video.id = short_id(
        &[
            "upload",
            &world.seed.to_string(),
            &session.id,
            &youtube.serial.to_string(),
        ],
        11,
    );
    video.uploaded_at = now;
    video.views = video.views / 2 + hash(&[&video.id]) % (video.views + 1);
    if let Some(upload) = &mut video.upload {
        upload.bytes = session.received;
        upload.sha256 = digest;
    }
    if video.publish_at.is_some_and(|at| at <= now) {
        "public".clone_into(&mut video.privacy);
        video.publish_at = None;
    }
    if video.privacy != "private" {
        video.public_at = Some(now);
    }
    let id = video.id.clone();
    let Some(channel) = youtube.channels.get_mut(&session.channel) else {
        return gone(&actor.settings);
    };
    channel.videos.push(video);
    let at = channel.videos.len() - 1;
    youtube
        .index
        .insert(id.clone(), (session.channel.clone(), at));
    let settings = &actor.settings;
    let body = match youtube.video(&id) {
        Some((channel, video)) => {
            let parts: Vec<&str> = session.parts.iter().map(String::as_str).collect();
            reads::video_resource(
                channel,
                video,
                &parts,
                &Settings {
                    processing_polls: 1,
                    processing_seconds: i64::MAX,
                    ..settings.clone()
                },
                true,
                now,
            )
        }
        None => Value::Null,
    };
    if let Some(session) = youtube.sessions.get_mut(&session.id) {
        session.outcome = Some((settings.final_status, body.clone()));
        session.video_id = Some(id);
    }
    if wish.kind() == Some("308") {
        return incomplete(world, head, &session, session.received, settings);
    }
    json_answer(settings.final_status, &body)
}

/// Keeps the compiler honest about what crosses tasks.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<Got>();
    is_send::<Arc<World>>();
};
