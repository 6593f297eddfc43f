//! RevID: renders that cost credits, their status, their files and their webhooks.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    clock::rfc3339,
    server::{Call, Head, contains, json_answer, lock, read, text_answer, with_header},
    world::{Knobs, World, hash, short_id},
};

/// Renders, and what they cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Revid {
    renders: BTreeMap<String, Render>,
    order: Vec<String>,
    pub(crate) knobs: Knobs,
    serial: u64,
    credits_charged: u64,
    estimates: u64,
    dangerous_calls: Vec<String>,
    webhooks: Vec<Delivery>,
}

/// One paid render.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Render {
    pid: String,
    workflow: String,
    request: Value,
    submitted_at: Timestamp,
    /// Real time, for webhooks that come by themselves.
    submitted_real: Timestamp,
    webhook_url: Option<String>,
    credits: u64,
    polls: u32,
    terminal_polls: u32,
    terminal_at: Option<Timestamp>,
    webhook_due: bool,
    downloads: u32,
    settings: Settings,
}

/// One webhook call.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Delivery {
    pid: String,
    attempt: u32,
    status: Option<u16>,
    at: Timestamp,
}

/// Settings; each may be set for all renders or for those whose request holds a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    api_key: Option<String>,
    auth_error_status: u16,
    dialect: String,
    id_style: String,
    polls_per_state: u32,
    ready_after_seconds: i64,
    ready_after_real_ms: Option<i64>,
    outcome: String,
    ready_without_url_polls: u32,
    unknown_status: Option<String>,
    not_found_polls: u32,
    webhook: String,
    webhook_tries: u32,
    file: String,
    file_bytes: u64,
    file_life_seconds: Option<i64>,
    duration_seconds: u32,
    credits: u64,
    estimate: Option<u64>,
    estimate_dialect: String,
    balance: Option<u64>,
    insufficient: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            auth_error_status: 401,
            dialect: "observed".to_owned(),
            id_style: "plain".to_owned(),
            polls_per_state: 1,
            ready_after_seconds: 180,
            ready_after_real_ms: None,
            outcome: "ready".to_owned(),
            ready_without_url_polls: 0,
            unknown_status: None,
            not_found_polls: 0,
            webhook: "normal".to_owned(),
            webhook_tries: 1,
            file: "mp4".to_owned(),
            file_bytes: 1_500_000,
            file_life_seconds: None,
            duration_seconds: 38,
            credits: 10,
            estimate: None,
            estimate_dialect: "creditsEstimate".to_owned(),
            balance: None,
            insufficient: "402".to_owned(),
        }
    }
}

impl Revid {
    fn settings(&self, body: &[u8]) -> Settings {
        self.knobs
            .read(|text| contains(body, text.as_bytes()))
            .unwrap_or_default()
    }
}

impl Render {
    fn states(&self) -> Vec<&str> {
        let mut states = match self.settings.dialect.as_str() {
            "documented" => vec!["queued", "rendering"],
            _ => vec!["building", "building"],
        };
        if let Some(odd) = &self.settings.unknown_status {
            states.insert(1, odd);
        }
        states
    }

    /// Whether the work is over at the given time, whoever asks or not.
    fn is_due(&self, now: Timestamp) -> bool {
        if self.settings.outcome == "stuck" {
            return false;
        }
        let real = self.settings.ready_after_real_ms.is_some_and(|ms| {
            Timestamp::now()
                .duration_since(self.submitted_real)
                .as_millis()
                >= i128::from(ms)
        });
        let asked = self.polls.saturating_sub(self.settings.not_found_polls);
        let polled = asked >= self.settings.polls_per_state * self.states().len() as u32
            && self.settings.polls_per_state > 0;
        real || polled
            || now.duration_since(self.submitted_at).as_secs() >= self.settings.ready_after_seconds
    }

    fn video_url(&self, base: &str) -> String {
        format!("{base}/v/{}.mp4", self.pid)
    }

    /// The status body; `asked` is how often it was asked for since the end.
    fn status(&self, base: &str, now: Timestamp) -> Value {
        let documented = self.settings.dialect == "documented";
        let mut body = json!({"pid": self.pid});
        if !documented {
            body["success"] = json!(1);
        }
        if !self.is_due(now) {
            let states = self.states();
            let asked = self.polls.saturating_sub(self.settings.not_found_polls + 1)
                / self.settings.polls_per_state.max(1);
            let at = (asked as usize).min(states.len() - 1);
            body["status"] = json!(states[at]);
            if documented {
                body["progress"] = json!(at * 90 / states.len());
                body["error"] = Value::Null;
            }
            return body;
        }
        match self.settings.outcome.split_once(':') {
            Some((status @ ("failed" | "error" | "FAILED" | "CANCELED"), text)) => {
                body["status"] = json!(status);
                let field = if status.chars().all(char::is_uppercase) {
                    "message"
                } else {
                    "error"
                };
                body[field] = json!(text);
                return body;
            }
            _ if self.settings.outcome == "failed" => {
                body["status"] = json!("failed");
                body["error"] = json!("media generation timed out");
                return body;
            }
            _ => {}
        }
        body["status"] = json!("ready");
        if documented {
            body["progress"] = json!(100);
            body["thumbnailUrl"] = json!(format!("{base}/t/{}.jpg", self.pid));
            body["durationSeconds"] = json!(self.settings.duration_seconds);
            body["creditsUsed"] = json!(self.credits);
            body["error"] = Value::Null;
        } else {
            body["creditsConsumed"] = json!(self.credits);
        }
        if self.terminal_polls > self.settings.ready_without_url_polls {
            body["videoUrl"] = json!(self.video_url(base));
        }
        body
    }
}

pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    vec![match (head.method.as_str(), head.path.as_str()) {
        ("POST", "/api/public/v3/render") => "render.submit",
        ("GET", "/api/public/v3/render") => "render.reference",
        ("GET", "/api/public/v3/status") => "render.status",
        ("POST", "/api/public/v3/calculate-credits") => "credits.estimate",
        ("GET", "/api/public/v3/projects") => "projects.list",
        (_, "/api/public/v3/rename-project") => "projects.rename",
        (_, path) if DANGEROUS.iter().any(|name| path.ends_with(name)) => "dangerous",
        ("GET" | "HEAD", path) if path.starts_with("/v/") => "file.download",
        ("GET" | "HEAD", path) if path.starts_with("/t/") => "thumbnail.download",
        _ => "unknown",
    }]
}

const DANGEROUS: [&str; 3] = ["/buy-credit-pack", "/publish-now", "/add-to-queue"];

fn refused(status: u16, error: &str) -> Response {
    json_answer(
        status,
        &json!({"success": 0, "error": error, "docs": {"reference": "https://www.revid.ai/docs"}}),
    )
}

pub(crate) async fn handle(world: &Arc<World>, call: &Call) -> Response {
    let head = &call.head;
    let operation = operations(head)[0];
    if matches!(operation, "file.download" | "thumbnail.download") {
        return download(world, head);
    }
    if head
        .header("user-agent")
        .is_none_or(|agent| agent.trim().is_empty())
    {
        let page = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>error code: 1010</body></html>";
        return text_answer(403, "text/html; charset=UTF-8", page);
    }
    if operation == "dangerous" {
        let mut revid = lock(&world.revid);
        revid
            .dangerous_calls
            .push(format!("{} {}", head.method, head.path));
        return refused(403, "this endpoint must never be called");
    }
    let settings = lock(&world.revid).settings(&call.body);
    if operation == "credits.estimate" {
        return estimate(world, call, &settings);
    }
    if operation == "unknown" {
        return json_answer(404, &json!({"success": 0, "error": "Not found"}));
    }
    let key = head.header("key").map(str::trim).unwrap_or_default();
    let good = match &settings.api_key {
        Some(wanted) => key == wanted,
        None => !key.is_empty() && !key.starts_with("wrong"),
    };
    if !good {
        return refused(settings.auth_error_status, "Invalid API key");
    }
    match operation {
        "render.submit" => submit(world, call, settings).await,
        "render.status" => status(world, head),
        "render.reference" => json_answer(
            200,
            &json!({"success": 1, "workflows": WORKFLOWS.map(|(name, _)| name), "docs": {}}),
        ),
        "projects.list" => projects(world, head),
        "projects.rename" => with_header(
            text_answer(307, "text/plain", "Temporary Redirect"),
            "location",
            "https://revid.invalid/api/rename-project",
        ),
        _ => json_answer(404, &json!({"success": 0, "error": "Not found"})),
    }
}

/// Workflows and the field of `source` that each needs.
const WORKFLOWS: [(&str, &str); 9] = [
    ("script-to-video", "text"),
    ("prompt-to-video", "prompt"),
    ("article-to-video", "url"),
    ("avatar-to-video", "text"),
    ("ad-generator", "prompt"),
    ("music-to-video", "url"),
    ("motion-transfer", "url"),
    ("caption-video", "url"),
    ("static-background-video", "text"),
];

const TOP_FIELDS: [&str; 15] = [
    "workflow",
    "source",
    "aspectRatio",
    "webhookUrl",
    "projectId",
    "media",
    "voice",
    "captions",
    "music",
    "audio",
    "avatar",
    "options",
    "render",
    "characterIds",
    "advanced",
];

fn check(body: &[u8]) -> Result<Map<String, Value>, Box<Response>> {
    let Ok(Value::Object(request)) = serde_json::from_slice::<Value>(body) else {
        return Err(refusal(422, "body must be a JSON object"));
    };
    let Some(workflow) = request
        .get("workflow")
        .and_then(Value::as_str)
        .filter(|workflow| !workflow.is_empty())
    else {
        return Err(refusal(400, "workflow is required"));
    };
    let Some((_, field)) = WORKFLOWS.iter().find(|(name, _)| *name == workflow) else {
        return Err(refusal(400, &format!("unknown workflow: {workflow}")));
    };
    let source = request
        .get("source")
        .and_then(|source| source.get(field))
        .and_then(Value::as_str);
    if source.is_none_or(|text| text.trim().is_empty()) {
        return Err(refusal(
            422,
            &format!("source.{field} is required for {workflow}"),
        ));
    }
    if let Some(unknown) = request
        .keys()
        .find(|key| !TOP_FIELDS.contains(&key.as_str()) && *key != "metadata")
    {
        return Err(refusal(422, &format!("unknown field: {unknown}")));
    }
    Ok(request)
}

fn refusal(status: u16, error: &str) -> Box<Response> {
    Box::new(refused(status, error))
}

/// A price that depends on what is asked for.
fn price(request: &Map<String, Value>, settings: &Settings) -> u64 {
    let at = |block: &str, field: &str| request.get(block).and_then(|block| block.get(field));
    let text = |block: &str, field: &str| {
        at(block, field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut credits = settings.credits;
    if matches!(text("media", "videoModel").as_str(), "veo3" | "sora2") {
        credits += 100;
    }
    if text("render", "resolution") == "4k" {
        credits += 10;
    }
    credits
        * at("options", "outputCount")
            .and_then(Value::as_u64)
            .unwrap_or(1)
            .max(1)
}

fn estimate(world: &World, call: &Call, settings: &Settings) -> Response {
    let request = match check(&call.body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    lock(&world.revid).estimates += 1;
    let credits = settings
        .estimate
        .unwrap_or_else(|| price(&request, settings));
    let breakdown =
        json!({"base": 1, "voice": 1, "visualsModel": credits.saturating_sub(3), "resolution": 1});
    match settings.estimate_dialect.as_str() {
        "credits" => json_answer(
            200,
            &json!({"success": 1, "credits": credits, "breakdown": breakdown}),
        ),
        "garbage" => json_answer(200, &json!({"ok": "certainly"})),
        _ => json_answer(
            200,
            &json!({"creditsEstimate": credits, "breakdown": breakdown}),
        ),
    }
}

async fn submit(world: &Arc<World>, call: &Call, settings: Settings) -> Response {
    let request = match check(&call.body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let now = world.clock.now();
    let credits = price(&request, &settings);
    let (body, render) = {
        let mut revid = lock(&world.revid);
        if settings
            .balance
            .is_some_and(|balance| revid.credits_charged + credits > balance)
        {
            return match settings.insufficient.as_str() {
                "403" => refused(403, "insufficient_credits"),
                "text" => refused(200, "insufficient_credits"),
                _ => refused(402, "insufficient_credits"),
            };
        }
        revid.serial += 1;
        let serial = revid.serial.to_string();
        let plain: String = short_id(
            &["pid", &world.seed.to_string(), &serial, &now.to_string()],
            40,
        )
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(20)
        .collect();
        let pid = if settings.id_style == "prefixed" {
            format!("p_{}", plain.to_lowercase())
        } else {
            plain
        };
        revid.credits_charged += credits;
        let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        let render = Render {
            pid: pid.clone(),
            workflow: text("workflow").unwrap_or_default(),
            webhook_url: text("webhookUrl").filter(|url| !url.is_empty()),
            request: Value::Object(request),
            submitted_at: now,
            submitted_real: Timestamp::now(),
            credits,
            polls: 0,
            terminal_polls: 0,
            terminal_at: None,
            webhook_due: true,
            downloads: 0,
            settings,
        };
        let body = json!({"success": 1, "pid": pid, "workflow": render.workflow, "webhookUrl": render.webhook_url, "endpoint": "/api/public/v3/render",
                          "queuePosition": 0, "docs": {}});
        revid.renders.insert(pid.clone(), render.clone());
        revid.order.push(pid);
        (body, render)
    };
    if render.settings.webhook == "before_answer" {
        if let Some(render) = lock(&world.revid).renders.get_mut(&render.pid) {
            render.webhook_due = false;
        }
        deliver(Arc::clone(world), render).await;
    }
    json_answer(200, &body)
}

fn status(world: &Arc<World>, head: &Head) -> Response {
    let now = world.clock.now();
    let base = world.urls().revid;
    let pid = head.param("pid").unwrap_or_default();
    let mut revid = lock(&world.revid);
    let Some(render) = revid.renders.get_mut(pid) else {
        return refused(404, "project not found");
    };
    render.polls += 1;
    if render.polls <= render.settings.not_found_polls {
        return refused(404, "project not found");
    }
    // This poll is answered from what the earlier ones brought about.
    render.polls -= 1;
    let over = render.is_due(now);
    render.polls += 1;
    if over {
        render.terminal_at = render.terminal_at.or(Some(now));
        render.terminal_polls += 1;
        return json_answer(200, &render.status(&base, now));
    }
    let mut shown = render.clone();
    // Not over yet, though this very poll may have been the last that it takes.
    shown.settings.ready_after_seconds = i64::MAX;
    shown.settings.ready_after_real_ms = None;
    let states: Vec<String> = shown.states().into_iter().map(str::to_owned).collect();
    let asked = (shown.polls - 1).saturating_sub(shown.settings.not_found_polls)
        / shown.settings.polls_per_state.max(1);
    let at = (asked as usize).min(states.len() - 1);
    let mut body = json!({"pid": shown.pid, "status": states[at]});
    if shown.settings.dialect == "documented" {
        body["progress"] = json!(at * 45);
        body["error"] = Value::Null;
    } else {
        body["success"] = json!(1);
    }
    json_answer(200, &body)
}

fn projects(world: &World, head: &Head) -> Response {
    let now = world.clock.now();
    let limit = head
        .param("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(10);
    let revid = lock(&world.revid);
    let list: Vec<Value> = revid
        .order
        .iter()
        .rev()
        .filter_map(|pid| revid.renders.get(pid))
        .take(limit)
        .map(|render| {
            let title: String = source_text(render).chars().take(60).collect();
            let status = if render.is_due(now) { "ready" } else { "building" };
            json!({"pid": render.pid, "id": render.pid, "name": title, "workflow": render.workflow, "status": status,
                   "createdAt": rfc3339(render.submitted_at), "webhookUrl": render.webhook_url})
        })
        .collect();
    json_answer(200, &json!({"success": 1, "projects": list}))
}

fn source_text(render: &Render) -> &str {
    let source = render.request.get("source").and_then(Value::as_object);
    source
        .and_then(|source| source.values().find_map(Value::as_str))
        .unwrap_or_default()
}

// ---------------------------------------------------------------------------------------------------------------
// Files

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = ((content.len() + 8) as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(kind);
    bytes.extend_from_slice(content);
    bytes
}

/// The beginning of an MP4 file: type, a movie header with the right duration and one empty video track, and the head of
/// the media data that fills the rest.
fn mp4_head(pid: &str, seconds: u32, size: u64) -> Vec<u8> {
    let be = |values: &[u32]| {
        values
            .iter()
            .flat_map(|value| value.to_be_bytes())
            .collect::<Vec<u8>>()
    };
    let matrix = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let duration = seconds * 1000;
    let mut mvhd = be(&[0, 0, 0, 1000, duration, 0x1_0000, 0x0100_0000, 0, 0]);
    mvhd.extend(be(&matrix));
    mvhd.extend(be(&[0, 0, 0, 0, 0, 0, 2]));
    let mut tkhd = be(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]);
    tkhd.extend(be(&matrix));
    tkhd.extend(be(&[1080 << 16, 1920 << 16]));
    let mdhd = be(&[0, 0, 0, 1000, duration, 0x55c4_0000]);
    let mut hdlr = be(&[0, 0]);
    hdlr.extend_from_slice(b"vide\0\0\0\0\0\0\0\0\0\0\0\0video\0");
    let dref = boxed(b"dref", &[be(&[0, 1]), boxed(b"url ", &be(&[1]))].concat());
    let empty = |kind| boxed(kind, &be(&[0, 0]));
    let stbl = boxed(
        b"stbl",
        &[
            empty(b"stsd"),
            empty(b"stts"),
            empty(b"stsc"),
            boxed(b"stsz", &be(&[0, 0, 0])),
            empty(b"stco"),
        ]
        .concat(),
    );
    let minf = boxed(
        b"minf",
        &[boxed(b"vmhd", &be(&[1, 0, 0])), boxed(b"dinf", &dref), stbl].concat(),
    );
    let mdia = boxed(
        b"mdia",
        &[boxed(b"mdhd", &mdhd), boxed(b"hdlr", &hdlr), minf].concat(),
    );
    let trak = boxed(b"trak", &[boxed(b"tkhd", &tkhd), mdia].concat());
    let moov = boxed(b"moov", &[boxed(b"mvhd", &mvhd), trak].concat());
    let mut head = [
        boxed(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41"),
        moov,
        boxed(b"free", pid.as_bytes()),
    ]
    .concat();
    let rest = size.saturating_sub(head.len() as u64).max(16);
    head.extend(be(&[1]));
    head.extend_from_slice(b"mdat");
    head.extend(rest.to_be_bytes());
    head
}

const BLOCK: u64 = 65_536;

/// Bytes `from..to` of a render's file, made as they are sent.
fn file_stream(
    pid: &str,
    seconds: u32,
    from: u64,
    to: u64,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + use<> {
    let seed = hash(&["file", pid]);
    let pid = pid.to_owned();
    futures_util::stream::unfold(from, move |at| {
        let head = if at < BLOCK {
            mp4_head(&pid, seconds, to)
        } else {
            Vec::new()
        };
        async move {
            if at >= to {
                return None;
            }
            let block = at / BLOCK;
            let mut bytes = vec![0_u8; BLOCK as usize];
            fastrand::Rng::with_seed(seed ^ block).fill(&mut bytes);
            if block == 0 {
                let n = head.len().min(bytes.len());
                bytes[..n].copy_from_slice(&head[..n]);
            }
            let end = ((block + 1) * BLOCK).min(to);
            let slice = Bytes::from(bytes)
                .slice((at - block * BLOCK) as usize..(end - block * BLOCK) as usize);
            Some((Ok(slice), end))
        }
    })
}

fn download(world: &World, head: &Head) -> Response {
    let now = world.clock.now();
    let name = head.path.rsplit('/').next().unwrap_or_default();
    let pid = name.split('.').next().unwrap_or_default();
    let render = {
        let mut revid = lock(&world.revid);
        let Some(render) = revid
            .renders
            .get_mut(pid)
            .filter(|render| render.is_due(now))
        else {
            return text_answer(
                404,
                "application/xml",
                "<Error><Code>NoSuchKey</Code></Error>",
            );
        };
        render.downloads += 1;
        render.clone()
    };
    let settings = &render.settings;
    if head.path.starts_with("/t/") {
        return text_answer(
            200,
            "image/jpeg",
            Bytes::from_static(&[
                0xff, 0xd8, 0xff, 0xe0, 0, 0x10, b'J', b'F', b'I', b'F', 0, 0xff, 0xd9,
            ]),
        );
    }
    let age = now
        .duration_since(render.terminal_at.unwrap_or(render.submitted_at))
        .as_secs();
    if settings.file == "expired" || settings.file_life_seconds.is_some_and(|life| age >= life) {
        return text_answer(
            403,
            "application/xml",
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        );
    }
    if settings.file == "html" {
        return text_answer(
            200,
            "text/html; charset=UTF-8",
            "<!doctype html><title>One moment</title>",
        );
    }
    let size = settings.file_bytes;
    let ranges = settings.file != "no_range";
    let range = head.header("range").filter(|_| ranges).and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        let from: u64 = from.parse().ok()?;
        let to = to.parse::<u64>().map_or(size, |to| (to + 1).min(size));
        (from < to).then_some((from, to))
    });
    let (from, to) = range.unwrap_or((0, size));
    let body = if head.method == http::Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(
            file_stream(pid, settings.duration_seconds, from, size).take_bytes(to - from),
        )
    };
    let mut response = Response::new(body);
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        response = with_header(
            response,
            "content-range",
            &format!("bytes {from}-{}/{size}", to - 1),
        );
    }
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("video/mp4"));
    if settings.file != "no_length" {
        response = with_header(response, "content-length", &(to - from).to_string());
    }
    with_header(
        with_header(response, "accept-ranges", "bytes"),
        "etag",
        &format!("\"{}\"", short_id(&["file", pid], 16)),
    )
}

/// Ends a stream of bytes after so many.
trait TakeBytes: Sized {
    fn take_bytes(
        self,
        limit: u64,
    ) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static;
}

impl<S> TakeBytes for S
where
    S: futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
{
    fn take_bytes(
        self,
        limit: u64,
    ) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
        use futures_util::StreamExt as _;
        let mut left = limit;
        self.map(move |bytes| {
            bytes.map(|mut bytes| {
                bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                left -= bytes.len() as u64;
                bytes
            })
        })
        .take_while(|bytes| std::future::ready(bytes.as_ref().is_ok_and(|bytes| !bytes.is_empty())))
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Webhooks

/// Sends the webhooks that are due. Called every moment.
pub(crate) fn tick(world: &Arc<World>) {
    let now = world.clock.now();
    let due: Vec<Render> = {
        let mut revid = lock(&world.revid);
        let waiting = revid
            .renders
            .values_mut()
            .filter(|render| render.webhook_due && render.is_due(now));
        waiting
            .map(|render| {
                render.webhook_due = false;
                render.terminal_at = render.terminal_at.or(Some(now));
                render.clone()
            })
            .collect()
    };
    for render in due {
        tokio::spawn(deliver(Arc::clone(world), render));
    }
}

async fn deliver(world: Arc<World>, render: Render) {
    let Some(url) = render.webhook_url.clone() else {
        return;
    };
    let base = world.urls().revid;
    let mut done = render.clone();
    done.terminal_polls = u32::MAX;
    let mut body = done.status(&base, Timestamp::MAX);
    let mut times = 1;
    let mut bytes: Option<Vec<u8>> = None;
    match render.settings.webhook.as_str() {
        "never" => return,
        "twice" => times = 2,
        "foreign_pid" => body["pid"] = json!("AAAAAAAAAAAAAAAAAAAA"),
        "evil_url" => body["videoUrl"] = json!("http://169.254.169.254/latest/meta-data/"),
        "empty" => body = json!({}),
        "not_json" => bytes = Some(b"status=ready&done=true".to_vec()),
        "huge" => body["padding"] = json!("x".repeat(2 * 1024 * 1024)),
        "failed" => {
            body["status"] = json!("failed");
            body["error"] = json!("media generation timed out");
        }
        _ => {}
    }
    let bytes = bytes.unwrap_or_else(|| body.to_string().into_bytes());
    let Ok(client) = crate::http_client() else {
        return;
    };
    for _ in 0..times {
        for attempt in 1..=render.settings.webhook_tries.max(1) {
            let sent = client
                .post(&url)
                .header("content-type", "application/json")
                .header("user-agent", "revid-webhooks/1")
                .timeout(Duration::from_secs(5))
                .body(bytes.clone())
                .send()
                .await;
            let status = sent.ok().map(|response| response.status().as_u16());
            let delivery = Delivery {
                pid: render.pid.clone(),
                attempt,
                status,
                at: world.clock.now(),
            };
            lock(&world.revid).webhooks.push(delivery);
            if status.is_some_and(|status| (200..300).contains(&status)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    world.touch();
}

// ---------------------------------------------------------------------------------------------------------------

pub(crate) fn named_error(name: &str) -> Option<(u16, Value)> {
    let body = |error: &str| json!({"success": 0, "error": error, "docs": {}});
    Some(match name {
        "invalidKey" => (401, body("Invalid API key")),
        "insufficientCredits" => (402, body("insufficient_credits")),
        "planLocked" => (403, body("this feature needs another plan")),
        "cloudflare" => (
            403,
            json!("<!DOCTYPE html><html><body>error code: 1010</body></html>"),
        ),
        "busy" => (409, body("project busy")),
        "schema" => (422, body("schema violation")),
        "rateLimited" => (429, body("rate limit exceeded")),
        "internal" => (500, body("Internal server error")),
        "html502" => (
            502,
            json!("<html><head><title>502 Bad Gateway</title></head></html>"),
        ),
        _ => return None,
    })
}

pub(crate) fn state(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let base = world.urls().revid;
    let revid = lock(&world.revid);
    let renders: Vec<Value> = revid
        .order
        .iter()
        .filter_map(|pid| revid.renders.get(pid))
        .filter(|render| head.param("contains").is_none_or(|text| contains(render.request.to_string().as_bytes(), text.as_bytes())))
        .map(|render| {
            let mut done = render.clone();
            done.terminal_polls = done.terminal_polls.max(1 + done.settings.ready_without_url_polls);
            json!({
                "pid": render.pid, "workflow": render.workflow, "status": done.status(&base, now)["status"], "credits": render.credits,
                "submitted_at": rfc3339(render.submitted_at), "polls": render.polls, "downloads": render.downloads, "webhook_url": render.webhook_url,
                "request": render.request, "file_bytes": render.settings.file_bytes, "video_url": render.video_url(&base),
            })
        })
        .collect();
    json!({
        "now": now.to_string(), "renders_charged": revid.order.len(), "credits_charged": revid.credits_charged, "estimates": revid.estimates,
        "renders": renders, "dangerous_calls": revid.dangerous_calls, "webhooks": revid.webhooks,
    })
}

pub(crate) async fn control(
    world: &Arc<World>,
    head: &Head,
    body: &[u8],
) -> Option<Result<Value, String>> {
    match (head.method.as_str(), head.path.strip_prefix("/_control/")?) {
        ("POST", "knobs") => Some(read(body).and_then(|change| {
            lock(&world.revid)
                .knobs
                .set::<Settings>("body_contains", change)
        })),
        ("DELETE", "knobs") => {
            lock(&world.revid).knobs.clear(head.param("body_contains"));
            Some(Ok(json!({})))
        }
        ("POST", "webhooks") => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Again {
                pid: String,
            }
            let again: Again = match read(body) {
                Ok(again) => again,
                Err(error) => return Some(Err(error)),
            };
            let render = lock(&world.revid).renders.get(&again.pid).cloned();
            match render {
                Some(render) => {
                    deliver(Arc::clone(world), render).await;
                    Some(Ok(json!({})))
                }
                None => Some(Err("no such render".to_owned())),
            }
        }
        _ => None,
    }
}
