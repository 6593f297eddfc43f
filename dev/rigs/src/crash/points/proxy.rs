//! What every call of a worker crosses on its way out: to the Data API and to each outside service.
//!
//! The proxy knows whose connection a call came by and which step that process is at, so it can end the process exactly
//! at the n-th call of a kind: before the call is let through, or after it had its effect and before the answer is back.
//! It lets a worker hold one claim at a time, so that a kill strikes one step.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::plan::{CLAIM, END, FINISH, Moment, Recording, TURN};

/// Bodies are passed on whole.
const BODY_LIMIT: usize = 64 * 1024 * 1024;
/// Calls that come by the clock, not because of what the step does.
const BY_THE_CLOCK: [&str; 3] = [
    "db extend_lease",
    "db pipeline_status",
    "db record_activity",
];

/// One service behind the proxy.
#[derive(Clone, Debug)]
struct Place {
    name: &'static str,
    /// Where the service is.
    real: String,
    /// Where the proxy stands for it.
    own: String,
}

/// The fault proxy.
#[derive(Debug)]
pub(super) struct FaultProxy {
    places: Vec<Place>,
    registry: Mutex<Registry>,
    http: Client<HttpConnector, Full<Bytes>>,
}

/// Who is where, and what shall happen to them.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// Nobody gets a step while this is set.
    pub(super) shut: bool,
    /// Whose step a row is.
    subjects: HashMap<Uuid, u32>,
    /// What each job is to meet, and has met.
    pub(super) recordings: BTreeMap<u32, Recording>,
    workers: BTreeSet<i32>,
    claims: HashMap<i32, Claimed>,
}

#[derive(Clone, Debug)]
struct Claimed {
    job: Option<u32>,
    kind: String,
    step: Uuid,
}

impl Registry {
    /// Says which job a row belongs to.
    pub(super) fn know(&mut self, subject: Uuid, job: u32) {
        self.subjects.insert(subject, job);
    }

    /// A process that may cross.
    pub(super) fn enter(&mut self, worker: i32) {
        self.workers.insert(worker);
    }

    /// A process that is no more.
    pub(super) fn leave(&mut self, worker: i32) {
        self.workers.remove(&worker);
        self.claims.remove(&worker);
    }

    /// Counts a call of the worker's step; whether it is the one to strike at.
    fn meets(&mut self, worker: i32, call: &str, moment: Moment) -> bool {
        let Some(claimed) = self.claims.get(&worker) else {
            return false;
        };
        let Some(recording) = claimed.job.and_then(|job| self.recordings.get_mut(&job)) else {
            return false;
        };
        recording.meets(&claimed.kind, call, moment)
    }

    /// Whether the worker is to be struck at this call next.
    fn dies_at(&self, worker: i32, call: &str) -> bool {
        self.claims.get(&worker).is_some_and(|claimed| {
            claimed
                .job
                .and_then(|job| self.recordings.get(&job))
                .is_some_and(|recording| recording.is_next(&claimed.kind, call))
        })
    }

    /// The worker's claim came to its end.
    fn ended(&mut self, worker: i32) {
        if let Some(claimed) = self.claims.remove(&worker)
            && let Some(recording) = claimed.job.and_then(|job| self.recordings.get_mut(&job))
        {
            recording.ended(&claimed.kind, Instant::now());
        }
    }
}

impl FaultProxy {
    /// Stands in front of these services, each on a port of its own, until the tasks are aborted.
    pub(super) fn stand(
        services: &[(&'static str, String)],
    ) -> Result<(Arc<Self>, Vec<JoinHandle<()>>)> {
        let mut places = Vec::new();
        let mut listeners = Vec::new();
        for (name, real) in services {
            let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
            places.push(Place {
                name,
                real: real.clone(),
                own: format!("http://127.0.0.1:{port}"),
            });
            listeners.push((listener, port));
        }
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(std::time::Duration::from_secs(5));
        let proxy = Arc::new(Self {
            places,
            registry: Mutex::default(),
            http: client.build_http(),
        });
        let tasks = listeners
            .into_iter()
            .enumerate()
            .map(|(place, (listener, port))| {
                let gate = Gate {
                    proxy: Arc::clone(&proxy),
                    place,
                };
                let watched = Watched {
                    listener,
                    port,
                    proxy: Arc::clone(&proxy),
                };
                let service = Router::new()
                    .fallback(cross)
                    .with_state(gate)
                    .into_make_service_with_connect_info::<Caller>();
                tokio::spawn(async move { drop(axum::serve(watched, service).await) })
            })
            .collect();
        Ok((proxy, tasks))
    }

    /// A worker's environment, with the proxy in the place of every service.
    pub(super) fn lead(&self, environment: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut led = environment.clone();
        for value in led.values_mut() {
            for place in &self.places {
                if let Some(path) = value.strip_prefix(&place.real) {
                    *value = format!("{}{path}", place.own);
                    break;
                }
            }
        }
        led
    }

    /// The registry, also after a panic elsewhere.
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a process at this very moment.
    fn kill(&self, worker: i32) {
        self.registry().leave(worker);
        if let Some(pid) = Pid::from_raw(worker) {
            // One that has just ended by itself needs no help.
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    async fn forward(&self, place: &Place, call: &Call) -> Option<Response> {
        let path = call.uri.path_and_query()?.as_str();
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{path}", place.real));
        let headers = request.headers_mut()?;
        *headers = call.headers.clone();
        for name in [
            header::HOST,
            header::CONNECTION,
            header::ACCEPT_ENCODING,
            header::TRANSFER_ENCODING,
        ] {
            headers.remove(name);
        }
        let request = request.body(Full::new(call.body.clone())).ok()?;
        let (mut head, body) = self.http.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        head.headers.remove(header::CONNECTION);
        head.headers.remove(header::TRANSFER_ENCODING);
        if call.method == Method::HEAD {
            return Some(Response::from_parts(head, Body::empty()));
        }
        head.headers.remove(header::CONTENT_LENGTH);
        // The services name themselves in what they answer; who follows such an address must cross here too.
        if let Some(location) = head
            .headers
            .get(header::LOCATION)
            .and_then(|value| self.own_names(value.as_bytes()).try_into().ok())
        {
            head.headers.insert(header::LOCATION, location);
        }
        let is_json = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let body = if is_json {
            Bytes::from(self.own_names(&body))
        } else {
            body
        };
        Some(Response::from_parts(head, Body::from(body)))
    }

    fn own_names(&self, text: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(text) else {
            return text.to_vec();
        };
        let mut text = text.to_owned();
        for place in &self.places {
            text = text.replace(&place.real, &place.own);
        }
        text.into_bytes()
    }
}

// Who calls ---------------------------------------------------------------------------------------------------------

/// The process behind a connection; none when it is not one of the workers.
#[derive(Clone, Copy, Debug)]
struct Caller(Option<i32>);

struct Watched {
    listener: TcpListener,
    port: u16,
    proxy: Arc<FaultProxy>,
}

impl Listener for Watched {
    type Io = TcpStream;
    type Addr = Caller;

    async fn accept(&mut self) -> (TcpStream, Caller) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await {
                let _ = stream.set_nodelay(true);
                let workers = self.proxy.registry().workers.clone();
                return (stream, Caller(owner(peer.port(), self.port, &workers)));
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Caller> {
        Ok(Caller(None))
    }
}

impl Connected<IncomingStream<'_, Watched>> for Caller {
    fn connect_info(stream: IncomingStream<'_, Watched>) -> Self {
        *stream.remote_addr()
    }
}

/// The worker that holds the other end of a connection from `port` to `to`.
fn owner(port: u16, to: u16, workers: &BTreeSet<i32>) -> Option<i32> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let (local, remote) = (format!(":{port:04X}"), format!(":{to:04X}"));
    let inode = table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        (fields.next()?.ends_with(&local) && fields.next()?.ends_with(&remote))
            .then(|| fields.nth(6))
            .flatten()
    })?;
    let socket = format!("socket:[{inode}]");
    workers.iter().copied().find(|worker| {
        std::fs::read_dir(format!("/proc/{worker}/fd")).is_ok_and(|files| {
            files.flatten().any(|file| {
                std::fs::read_link(file.path())
                    .is_ok_and(|link| link.as_os_str() == socket.as_str())
            })
        })
    })
}

// A call ------------------------------------------------------------------------------------------------------------

#[derive(Clone)]
struct Gate {
    proxy: Arc<FaultProxy>,
    place: usize,
}

struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// What it is, without whom it concerns.
    fn name(&self, place: &str) -> String {
        let path = self.uri.path();
        if let Some(rest) = path.strip_prefix("/rest/v1/") {
            return match rest.strip_prefix("rpc/") {
                Some(function) => format!("db {function}"),
                None => format!("db {} {rest}", self.method),
            };
        }
        if let Some(range) = self.headers.get(header::CONTENT_RANGE) {
            let asks = range.as_bytes().starts_with(b"bytes */");
            return format!(
                "{place} {}",
                if asks { "ask session" } else { "send piece" }
            );
        }
        let path: Vec<&str> = path
            .split('/')
            .map(|part| {
                let word = part.split('.').next().unwrap_or_default();
                let is_id = (word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit()))
                    || (word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                if is_id { "*" } else { part }
            })
            .collect();
        format!("{place} {} {}", self.method, path.join("/"))
    }
}

async fn cross(
    State(Gate { proxy, place }): State<Gate>,
    ConnectInfo(Caller(worker)): ConnectInfo<Caller>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut call = Call {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body,
    };
    let place = &proxy.places[place];
    let name = call.name(place.name);
    let Some(worker) = worker else {
        return pass(&proxy, place, &call).await;
    };
    if name == TURN {
        return turn(&proxy, place, worker, &mut call).await;
    }
    if BY_THE_CLOCK.contains(&name.as_str()) {
        let answer = pass(&proxy, place, &call).await;
        return lease(&proxy, worker, &name, answer).await;
    }
    let strike = proxy.registry().meets(worker, &name, Moment::Before);
    if strike {
        proxy.kill(worker);
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let answer = pass(&proxy, place, &call).await;
    let strike = proxy.registry().meets(worker, &name, Moment::After);
    if strike {
        proxy.kill(worker);
    } else if name == FINISH && answer.status().is_success() {
        proxy.registry().ended(worker);
    }
    answer
}

async fn pass(proxy: &FaultProxy, place: &Place, call: &Call) -> Response {
    proxy
        .forward(place, call)
        .await
        .unwrap_or_else(|| StatusCode::BAD_GATEWAY.into_response())
}

/// One step at a time for each worker.
async fn turn(proxy: &FaultProxy, place: &Place, worker: i32, call: &mut Call) -> Response {
    let Ok(mut arguments) = serde_json::from_slice::<Value>(&call.body) else {
        return pass(proxy, place, call).await;
    };
    let ends = arguments["p_ended"]
        .as_array()
        .is_some_and(|ended| !ended.is_empty());
    let takes = {
        let registry = proxy.registry();
        // Who is to die of the end takes nothing with it that another job would have to wait for.
        !registry.shut
            && !registry.dies_at(worker, END)
            && (ends || !registry.claims.contains_key(&worker))
    };
    if !ends && !takes {
        return axum::Json(json!([])).into_response();
    }
    if ends && proxy.registry().meets(worker, END, Moment::Before) {
        proxy.kill(worker);
        return StatusCode::BAD_GATEWAY.into_response();
    }
    arguments["p_limit"] = json!(u8::from(takes));
    call.body = arguments.to_string().into();
    call.headers.remove(header::CONTENT_LENGTH);
    let answer = pass(proxy, place, call).await;
    if ends && answer.status().is_success() {
        if proxy.registry().meets(worker, END, Moment::After) {
            proxy.kill(worker);
            return answer;
        }
        proxy.registry().ended(worker);
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let claims: Vec<Value> = serde_json::from_slice(&body).unwrap_or_default();
    let id = |name: &str| claims.first()?[name].as_str()?.parse::<Uuid>().ok();
    if let (Some(step), Some(subject)) = (id("step_id"), id("subject_id")) {
        let kind = claims[0]["kind"].as_str().unwrap_or_default().to_owned();
        let late = claims[0]["late_seconds"].as_f64().unwrap_or_default();
        let strike = {
            let mut registry = proxy.registry();
            let job = registry.subjects.get(&subject).copied();
            if let Some(recording) = job.and_then(|job| registry.recordings.get_mut(&job)) {
                recording.claimed(late);
            }
            registry.claims.insert(worker, Claimed { job, kind, step });
            // A claim that was never made cannot be interrupted: only the moment after it counts.
            registry.meets(worker, CLAIM, Moment::Before);
            registry.meets(worker, CLAIM, Moment::After)
        };
        if strike {
            proxy.kill(worker);
        }
    }
    Response::from_parts(head, Body::from(body))
}

/// A worker that has lost its lease lets go of the step.
async fn lease(proxy: &FaultProxy, worker: i32, name: &str, answer: Response) -> Response {
    if name != "db extend_lease" || !answer.status().is_success() {
        return answer;
    }
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    if body.as_ref() == b"false"
        && let Some(lost) = proxy.registry().claims.remove(&worker)
    {
        tracing::warn!(step = %lost.step, kind = lost.kind, "a worker was too slow for its lease");
    }
    Response::from_parts(head, Body::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: Method, path: &str, range: Option<&str>) -> Call {
        let mut headers = HeaderMap::new();
        if let Some(range) = range {
            headers.insert(header::CONTENT_RANGE, range.parse().unwrap());
        }
        Call {
            method,
            uri: path.parse().unwrap(),
            headers,
            body: Bytes::new(),
        }
    }

    #[test]
    fn calls_are_named_without_whom_they_concern() {
        let name = |method, path, range| call(method, path, range).name("youtube");
        assert_eq!(
            name(Method::POST, "/rest/v1/rpc/open_upload", None),
            "db open_upload"
        );
        assert_eq!(
            name(Method::GET, "/rest/v1/videos?id=eq.1", None),
            "db GET videos"
        );
        assert_eq!(
            name(Method::PUT, "/upload?upload_id=1", Some("bytes */9")),
            "youtube ask session"
        );
        assert_eq!(
            name(Method::PUT, "/upload?upload_id=1", Some("bytes 0-8/9")),
            "youtube send piece"
        );
        assert_eq!(
            name(Method::GET, "/youtube/v3/videos/abc123def45", None),
            "youtube GET /youtube/v3/videos/*"
        );
        assert_eq!(
            name(Method::GET, "/t/nVaFrEDOkmggvsftSacJ.jpg", None),
            "youtube GET /t/*"
        );
        assert_eq!(
            name(Method::POST, "/api/public/v3/calculate-credits", None),
            "youtube POST /api/public/v3/calculate-credits"
        );
    }

    #[tokio::test]
    async fn a_connection_leads_to_its_process() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap().port();
        let stream = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
        let (_held, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, stream.local_addr().unwrap());
        let me = i32::try_from(std::process::id()).unwrap();
        assert_eq!(owner(peer.port(), to, &BTreeSet::from([me])), Some(me));
        assert_eq!(owner(peer.port(), to, &BTreeSet::from([1])), None);
    }
}
