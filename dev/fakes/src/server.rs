//! What all servers share: connections that can be cut, faults, the log of calls, `/_state` and `/_control`.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, connect_info::Connected},
    response::Response,
    serve::{IncomingStream, Listener},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use crate::world::World;

/// Bodies above this are not kept by a stand-in that reads them whole.
const WHOLE_BODY_LIMIT: usize = 64 * 1024 * 1024;

/// One of the outside services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Consent, tokens and revocation.
    Google,
    /// YouTube Data, upload, Analytics and Reporting.
    Youtube,
    /// The Generative Language API.
    Gemini,
    /// RevID and its download host.
    Revid,
    /// An incoming webhook that keeps what it is sent.
    Slack,
}

impl Service {
    /// All services, in the order of their usual ports.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Youtube,
        Self::Gemini,
        Self::Revid,
        Self::Slack,
    ];
}

/// Locks, also after a panic elsewhere: a stand-in has no invariants worth dying for.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

// ---------------------------------------------------------------------------------------------------------------
// Connections

/// A connection's switch: once cut, nothing more is read or written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<AtomicBool>);

impl Line {
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
    fn is_cut(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct LineStream {
    stream: TcpStream,
    line: Line,
}

fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault")
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

struct LineListener(TcpListener);

impl Listener for LineListener {
    type Io = LineStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    let _ = stream.set_nodelay(true);
                    return (
                        LineStream {
                            stream,
                            line: Line::default(),
                        },
                        address,
                    );
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, LineListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, LineListener>) -> Self {
        stream.io().line.clone()
    }
}

/// Serves one stand-in until the task is dropped.
pub(crate) async fn serve(
    world: Arc<World>,
    service: Service,
    listener: TcpListener,
) -> io::Result<()> {
    let app = Router::new().fallback(
        move |ConnectInfo(line): ConnectInfo<Line>, request: Request| {
            let world = Arc::clone(&world);
            // In a task of its own: what a client set going goes on when the client hangs up.
            let answering = tokio::spawn(answer(world, service, line, request));
            async move {
                answering
                    .await
                    .unwrap_or_else(|_| text_answer(500, "text/plain", "the stand-in failed"))
            }
        },
    );
    axum::serve(
        LineListener(listener),
        app.into_make_service_with_connect_info::<Line>(),
    )
    .await
}

// ---------------------------------------------------------------------------------------------------------------
// Calls

/// The head of a request, with its query taken apart.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) line: Line,
}

impl Head {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
    pub(crate) fn bearer(&self) -> Option<&str> {
        let value = self.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// A request on its way to a stand-in.
pub(crate) struct Call {
    pub(crate) head: Head,
    /// The whole body, unless the operation streams it.
    pub(crate) body: Bytes,
    /// The unread body of an operation that streams.
    pub(crate) stream: Mutex<Option<Body>>,
    /// What a fault wants the stand-in itself to do.
    pub(crate) wish: Wish,
}

/// The part of a fault that only the stand-in can carry out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) answer: Option<Value>,
    pub(crate) after_bytes: Option<u64>,
    /// Whether the call was held up: its client may have given up and gone on by other means.
    pub(crate) late: bool,
}

impl Wish {
    /// The wished answer's kind: either the plain string or the `kind` of an object.
    pub(crate) fn kind(&self) -> Option<&str> {
        match self.answer.as_ref()? {
            Value::String(kind) => Some(kind),
            Value::Object(object) => object.get("kind").and_then(Value::as_str),
            _ => None,
        }
    }
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.answer.as_ref()?.get(name)
    }
}

/// Who makes a call, as far as its token or body tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) account: Option<String>,
    pub(crate) channel: Option<String>,
}

/// One line of `GET /_control/calls`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CallRecord {
    pub(crate) n: u64,
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) query: Map<String, Value>,
    pub(crate) operation: String,
    /// Other names of the operation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<String>,
    /// Absent when the connection was cut.
    pub(crate) status: Option<u16>,
    /// The fault that was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<u64>,
}

/// The calls and faults of one server.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) calls: Mutex<Vec<CallRecord>>,
    pub(crate) faults: Mutex<Faults>,
}

/// Query parameters that are never kept.
const SECRET_PARAMS: [&str; 9] = [
    "key",
    "access_token",
    "upload_id",
    "token",
    "code",
    "state",
    "code_challenge",
    "client_secret",
    "refresh_token",
];

impl Desk {
    fn record(
        &self,
        world: &World,
        head: &Head,
        operations: &[&str],
        caller: Caller,
        status: Option<u16>,
        fault: Option<u64>,
    ) {
        let mut calls = lock(&self.calls);
        let query = head
            .query
            .iter()
            .map(|(key, value)| {
                let kept = if SECRET_PARAMS.contains(&key.as_str()) {
                    "(not kept)".to_owned()
                } else {
                    value.clone()
                };
                (key.clone(), Value::String(kept))
            })
            .collect();
        let n = calls.len() as u64 + 1;
        calls.push(CallRecord {
            n,
            at: world.clock.now().to_string(),
            method: head.method.to_string(),
            path: head.path.clone(),
            query,
            operation: operations.first().copied().unwrap_or("unknown").to_owned(),
            also: operations
                .iter()
                .skip(1)
                .map(|name| (*name).to_owned())
                .collect(),
            account: caller.account,
            channel: caller.channel,
            status,
            fault,
        });
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Faults

/// Something that goes wrong, or differently, for the calls that it matches. See the crate's documentation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    /// Given by the server.
    pub id: u64,
    /// A named operation; one that ends in `*` names all that begin so.
    pub operation: Option<String>,
    /// An HTTP method.
    pub method: Option<String>,
    /// A path in which `*` stands for anything.
    pub path: Option<String>,
    /// Only calls made with a token of this account.
    pub account: Option<String>,
    /// Only calls made with a token for this channel.
    pub channel: Option<String>,
    /// Only calls whose body holds this text.
    pub body_contains: Option<String>,
    /// The first matching call to hit, counted from 1.
    pub nth: Option<u64>,
    /// How many matching calls to hit; 1 unless told, 0 for no end.
    pub times: Option<u64>,
    /// Hit a matching call with this probability only.
    pub chance: Option<f64>,
    /// The seed of `chance`.
    pub seed: Option<u64>,
    /// Whether the call has its effect (`after`) or not (`before`).
    pub when: When,
    /// Answer with this status.
    pub status: Option<u16>,
    /// Answer with this body: text as it is, anything else as JSON.
    pub body: Option<Value>,
    /// Answer with one of the service's own errors, by name.
    pub error: Option<String>,
    /// Add these headers.
    pub headers: BTreeMap<String, String>,
    /// Wait this long first.
    pub delay_ms: u64,
    /// Cut the connection instead of answering.
    pub cut: bool,
    /// Uploads: read this many bytes of the body before failing.
    pub after_bytes: Option<u64>,
    /// A different answer that the stand-in knows how to make.
    pub answer: Option<Value>,
}

/// Whether a fault strikes before or after the call has had its effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Nothing happens but the failure.
    #[default]
    Before,
    /// The effect happens; only its answer is lost.
    After,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    matched: u64,
    hit: u64,
    dice: fastrand::Rng,
}

impl Faults {
    pub(crate) fn arm(&mut self, mut fault: Fault) -> u64 {
        self.next += 1;
        fault.id = self.next;
        let dice = fastrand::Rng::with_seed(fault.seed.unwrap_or(fault.id));
        self.armed.push(Armed {
            fault,
            matched: 0,
            hit: 0,
            dice,
        });
        self.next
    }

    fn strike(
        &mut self,
        head: &Head,
        operations: &[&str],
        caller: &Caller,
        body: &[u8],
    ) -> Option<Fault> {
        for armed in &mut self.armed {
            if !armed.fault.matches(head, operations, caller, body) {
                continue;
            }
            armed.matched += 1;
            if armed.matched < armed.fault.nth.unwrap_or(1) {
                continue;
            }
            let times = armed.fault.times.unwrap_or(1);
            if times != 0 && armed.hit >= times {
                continue;
            }
            if armed
                .fault
                .chance
                .is_some_and(|chance| armed.dice.f64() >= chance)
            {
                continue;
            }
            armed.hit += 1;
            return Some(armed.fault.clone());
        }
        None
    }

    fn list(&self) -> Value {
        self.armed
            .iter()
            .map(|armed| json!({"fault": armed.fault, "matched": armed.matched, "hit": armed.hit}))
            .collect()
    }
}

impl Fault {
    fn matches(&self, head: &Head, operations: &[&str], caller: &Caller, body: &[u8]) -> bool {
        let named = |wanted: &str| match wanted.strip_suffix('*') {
            Some(prefix) => operations
                .iter()
                .any(|operation| operation.starts_with(prefix)),
            None => operations.contains(&wanted),
        };
        self.operation.as_deref().is_none_or(named)
            && self
                .method
                .as_deref()
                .is_none_or(|method| head.method.as_str().eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|pattern| glob(pattern, &head.path))
            && self
                .account
                .as_ref()
                .is_none_or(|account| caller.account.as_ref() == Some(account))
            && self
                .channel
                .as_ref()
                .is_none_or(|channel| caller.channel.as_ref() == Some(channel))
            && self
                .body_contains
                .as_deref()
                .is_none_or(|text| contains(body, text.as_bytes()))
    }
}

/// Whether `text` is what `pattern` says, `*` standing for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut open = false;
    for piece in pieces {
        open = true;
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty()
        || (open && pattern.ends_with('*'))
        || (open && text.ends_with(pattern.rsplit('*').next().unwrap_or_default()))
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

// ---------------------------------------------------------------------------------------------------------------
// Answering

/// A JSON answer as Google's front ends write it.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=UTF-8"),
    );
    response
}

pub(crate) fn text_answer(status: u16, mime: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static(mime));
    response
}

pub(crate) fn with_header(mut response: Response, name: &str, value: &str) -> Response {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Takes `application/x-www-form-urlencoded` text apart.
pub(crate) fn form(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

async fn answer(world: Arc<World>, service: Service, line: Line, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts
            .uri
            .query()
            .map(|query| form(query.as_bytes()))
            .unwrap_or_default(),
        headers: parts.headers,
        line,
    };
    if head.path == "/_state" || head.path.starts_with("/_control") {
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        return control(&world, service, &head, &body).await;
    }

    let operations = world.operations(service, &head);
    let streams = operations.contains(&"upload.chunk");
    let (bytes, stream) = if streams {
        (Bytes::new(), Some(body))
    } else {
        match http_body_util::Limited::new(body, WHOLE_BODY_LIMIT)
            .collect()
            .await
        {
            Ok(collected) => (collected.to_bytes(), None),
            Err(_) => return text_answer(413, "text/plain", "Request Entity Too Large"),
        }
    };
    let caller = world.caller(service, &head, &bytes);
    let desk = world.desk(service);
    let fault = lock(&desk.faults).strike(&head, &operations, &caller, &bytes);
    let line = head.line.clone();
    let kept = Head {
        method: head.method.clone(),
        path: head.path.clone(),
        query: head.query.clone(),
        headers: HeaderMap::new(),
        line: head.line.clone(),
    };
    let fault_id = fault.as_ref().map(|fault| fault.id);

    let (response, cut) = match fault {
        None => {
            let call = Call {
                head,
                body: bytes,
                stream: Mutex::new(stream),
                wish: Wish::default(),
            };
            (world.handle(service, call).await, false)
        }
        Some(fault) => {
            let delay = Duration::from_millis(fault.delay_ms);
            if fault.when == When::Before {
                tokio::time::sleep(delay).await;
            }
            let fails = fault.cut
                || fault.status.is_some()
                || fault.error.is_some()
                || fault.body.is_some();
            let inside = fault.answer.is_some() || fault.after_bytes.is_some();
            if fails && !inside && fault.when == When::Before {
                if let Some(stream) = stream {
                    drain(stream, fault.cut).await;
                }
                (failure(&world, service, &fault), fault.cut)
            } else {
                let wish = Wish {
                    answer: fault.answer.clone(),
                    after_bytes: fault.after_bytes,
                    late: fault.delay_ms > 0,
                };
                let call = Call {
                    head,
                    body: bytes,
                    stream: Mutex::new(stream),
                    wish,
                };
                let response = world.handle(service, call).await;
                if fault.when == When::After {
                    tokio::time::sleep(delay).await;
                }
                if fails && fault.when == When::After {
                    (failure(&world, service, &fault), fault.cut)
                } else if fault.after_bytes.is_some() {
                    let response = if fault.status.is_some() || fault.error.is_some() {
                        failure(&world, service, &fault)
                    } else {
                        response
                    };
                    (response, fault.cut)
                } else {
                    (with_headers(response, &fault), fault.cut && fails && inside)
                }
            }
        }
    };
    let status = (!cut).then(|| response.status().as_u16());
    desk.record(&world, &kept, &operations, caller, status, fault_id);
    world.touch();
    if cut {
        line.cut();
    }
    response
}

/// Reads a body to its end, so that an early answer is not lost to a reset; a cut connection needs no such care.
async fn drain(mut body: Body, cut: bool) {
    if cut {
        return;
    }
    while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut body).poll_frame_unpin(cx)).await {}
}

/// `Body` is `Unpin`; this names the poll without importing the trait everywhere.
trait PollFrame {
    fn poll_frame_unpin(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), axum::Error>>>;
}

impl PollFrame for Body {
    fn poll_frame_unpin(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), axum::Error>>> {
        use hyper::body::Body as _;
        self.poll_frame(cx)
            .map(|frame| frame.map(|result| result.map(|_| ())))
    }
}

fn with_headers(mut response: Response, fault: &Fault) -> Response {
    for (name, value) in &fault.headers {
        response = with_header(response, name, value);
    }
    response
}

fn failure(world: &World, service: Service, fault: &Fault) -> Response {
    let named = fault
        .error
        .as_deref()
        .and_then(|name| world.named_error(service, name));
    let (default_status, default_body) =
        named.map_or((500, None), |(status, body)| (status, Some(body)));
    let status = fault.status.unwrap_or(default_status);
    let response = match fault.body.as_ref().or(default_body.as_ref()) {
        Some(Value::String(text)) => {
            let mime = if text.trim_start().starts_with('<') {
                "text/html; charset=UTF-8"
            } else {
                "text/plain; charset=UTF-8"
            };
            text_answer(status, mime, text.clone())
        }
        Some(body) => json_answer(status, body),
        None => json_answer(status, &world.plain_error(service, status)),
    };
    with_headers(response, fault)
}

// ---------------------------------------------------------------------------------------------------------------
// Control

fn refuse(message: impl Into<String>) -> Response {
    json_answer(400, &json!({"error": message.into()}))
}

/// Reads a control body, an empty one as `{}`.
pub(crate) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body: &[u8] = if body.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        body
    };
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

async fn control(world: &Arc<World>, service: Service, head: &Head, body: &[u8]) -> Response {
    let desk = world.desk(service);
    let only = |name: &str| head.param(name);
    match (head.method.as_str(), head.path.as_str()) {
        ("GET", "/_state") => json_answer(200, &world.state(service, head)),
        ("GET", "/_control/faults") => json_answer(200, &lock(&desk.faults).list()),
        ("POST", "/_control/faults") => match read::<Value>(body) {
            Ok(Value::Array(list)) => {
                let faults: Result<Vec<Fault>, _> =
                    list.into_iter().map(serde_json::from_value).collect();
                match faults {
                    Ok(faults) => {
                        let mut armed = lock(&desk.faults);
                        let ids: Vec<u64> =
                            faults.into_iter().map(|fault| armed.arm(fault)).collect();
                        json_answer(201, &json!({"ids": ids}))
                    }
                    Err(error) => refuse(error.to_string()),
                }
            }
            Ok(value) => match serde_json::from_value::<Fault>(value) {
                Ok(fault) => json_answer(201, &json!({"id": lock(&desk.faults).arm(fault)})),
                Err(error) => refuse(error.to_string()),
            },
            Err(error) => refuse(error),
        },
        ("DELETE", "/_control/faults") => {
            let mut faults = lock(&desk.faults);
            let id = only("id").and_then(|id| id.parse::<u64>().ok());
            let account = only("account");
            faults.armed.retain(|armed| {
                let hit = id.is_none_or(|id| armed.fault.id == id)
                    && account
                        .is_none_or(|account| armed.fault.account.as_deref() == Some(account));
                !hit
            });
            json_answer(200, &json!({}))
        }
        ("GET", "/_control/calls") => {
            let calls = lock(&desk.calls);
            let since = only("since")
                .and_then(|n| n.parse::<u64>().ok())
                .unwrap_or(0);
            let list: Vec<&CallRecord> = calls
                .iter()
                .filter(|call| {
                    call.n > since
                        && only("account")
                            .is_none_or(|account| call.account.as_deref() == Some(account))
                        && only("channel")
                            .is_none_or(|channel| call.channel.as_deref() == Some(channel))
                        && only("operation").is_none_or(|name| {
                            call.operation == name || call.also.iter().any(|also| also == name)
                        })
                })
                .collect();
            json_answer(200, &json!({"count": list.len(), "calls": list}))
        }
        ("DELETE", "/_control/calls") => {
            lock(&desk.calls).clear();
            json_answer(200, &json!({}))
        }
        ("GET", "/_control/clock") => json_answer(200, &world.clock_state()),
        ("POST", "/_control/clock") => match read::<ClockMove>(body) {
            Ok(step) => {
                if let Some(offset) = step.offset_seconds {
                    world.clock.set_offset_ms((offset * 1000.0) as i64);
                }
                if let Some(by) = step.advance_seconds {
                    world.clock.set_offset_ms(
                        world.clock.offset_ms().saturating_add((by * 1000.0) as i64),
                    );
                }
                world.touch();
                json_answer(200, &world.clock_state())
            }
            Err(error) => refuse(error),
        },
        _ => match world.control(service, head, body).await {
            Some(Ok(value)) => {
                world.touch();
                json_answer(200, &value)
            }
            Some(Err(error)) => refuse(error),
            None => json_answer(404, &json!({"error": "no such control"})),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    advance_seconds: Option<f64>,
    offset_seconds: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::{contains, glob};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob("/youtube/v3/*", "/youtube/v3/videos"));
        assert!(glob("*/videos", "/youtube/v3/videos"));
        assert!(glob("/a*c*e", "/abcde"));
        assert!(glob("/token", "/token"));
        assert!(!glob("/token", "/token/x"));
        assert!(!glob("/a*z", "/abc"));
    }

    #[test]
    fn text_is_found_in_bytes() {
        assert!(contains(b"hello", b"ell"));
        assert!(!contains(b"hello", b"elx"));
    }
}
