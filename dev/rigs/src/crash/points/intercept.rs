//! What the proxy does with a call: finds out which worker is behind it, and lets it pass or ends the process that made it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use http::{StatusCode, header};
use rustix::process::Pid;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::job::{CLAIM, END, FINISH, FINISH_AND_CLAIM, Moment};
use super::proxy::{BODY_LIMIT, Call, FaultProxy, Upstream};
use super::recording::Claimed;
use crate::crash::workers::Workers;

/// The services that are behind the proxy, and the variables that say where they are.
const SERVICES: [(&str, &str); 4] = [
    ("supabase", "SUPABASE_URL"),
    ("google", "FAKE_GOOGLE_URL"),
    ("youtube", "FAKE_YOUTUBE_URL"),
    ("revid", "FAKE_REVID_URL"),
];
/// The call by which a worker keeps its claim.
const EXTEND_LEASE: &str = "db extend_lease";
/// Calls that come by the clock, not because of what the step does.
const BY_THE_CLOCK: [&str; 3] = [EXTEND_LEASE, "db pipeline_status", "db record_activity"];

/// The proxy's side that stands for one service, by its place among the upstreams.
type Gate = (Arc<FaultProxy>, usize);

/// Stands in front of every service, on a port of its own for each, for as long as the tasks are held.
pub(super) fn listen(
    environment: &BTreeMap<String, String>,
    workers: &Arc<Workers>,
) -> Result<(Arc<FaultProxy>, JoinSet<()>)> {
    let (mut upstreams, mut listeners) = (Vec::new(), Vec::new());
    for (name, variable) in SERVICES {
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        upstreams.push(Upstream {
            name,
            address: environment.get(variable).cloned().unwrap_or_default(),
            proxy_address: format!("http://127.0.0.1:{port}"),
        });
        listeners.push((listener, port));
    }
    let proxy = Arc::new(FaultProxy::new(upstreams));
    let mut tasks = JoinSet::new();
    for (upstream, (listener, port)) in listeners.into_iter().enumerate() {
        let app = Router::new().fallback(handle);
        let app = app.with_state((Arc::clone(&proxy), upstream));
        let service = app.into_make_service_with_connect_info::<Caller>();
        let workers = Arc::clone(workers);
        let listener = WatchedListener {
            listener,
            port,
            workers,
        };
        tasks.spawn(async move { drop(axum::serve(listener, service).await) });
    }
    Ok((proxy, tasks))
}

/// The process behind a connection; none when it is not one of the workers.
#[derive(Clone, Copy, Debug)]
struct Caller(Option<Pid>);

struct WatchedListener {
    listener: TcpListener,
    port: u16,
    workers: Arc<Workers>,
}

impl Listener for WatchedListener {
    type Io = TcpStream;
    type Addr = Caller;

    async fn accept(&mut self) -> (TcpStream, Caller) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await {
                let _ = stream.set_nodelay(true);
                let workers = self.workers.pids();
                return (stream, Caller(owner(peer.port(), self.port, &workers)));
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Caller> {
        Ok(Caller(None))
    }
}

impl Connected<IncomingStream<'_, WatchedListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, WatchedListener>) -> Self {
        *stream.remote_addr()
    }
}

/// The worker that holds the other end of a connection from `port` to `to`.
fn owner(port: u16, to: u16, workers: &[Pid]) -> Option<Pid> {
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
        let files = format!("/proc/{}/fd", worker.as_raw_nonzero());
        std::fs::read_dir(files).is_ok_and(|files| {
            files.flatten().any(|file| {
                std::fs::read_link(file.path())
                    .is_ok_and(|link| link.as_os_str() == socket.as_str())
            })
        })
    })
}

/// Handles every call, of a worker or of anybody else.
async fn handle(
    State((proxy, upstream)): State<Gate>,
    ConnectInfo(Caller(worker)): ConnectInfo<Caller>,
    request: Request,
) -> Response {
    let Some(call) = Call::read(request).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let upstream = &proxy.upstreams[upstream];
    let name = call.name(upstream.name);
    let Some(worker) = worker else {
        return proxy.forward(upstream, &call).await;
    };
    if name == FINISH_AND_CLAIM {
        return finish_and_claim(&proxy, upstream, worker, call).await;
    }
    if BY_THE_CLOCK.contains(&name.as_str()) {
        let answer = proxy.forward(upstream, &call).await;
        if name == EXTEND_LEASE && answer.status().is_success() {
            return release_lost_claim(&proxy, worker, answer).await;
        }
        return answer;
    }
    if dies(&proxy, worker, &name, Moment::Before) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let answer = proxy.forward(upstream, &call).await;
    if !dies(&proxy, worker, &name, Moment::After) && name == FINISH && answer.status().is_success()
    {
        proxy.registry().ended(worker);
    }
    answer
}

/// Records a call of a worker, and ends the worker when this is its moment.
fn dies(proxy: &FaultProxy, worker: Pid, call: &str, moment: Moment) -> bool {
    let dies = proxy.registry().record_call(worker, call, moment);
    if dies {
        proxy.kill(worker);
    }
    dies
}

/// One step at a time for each worker.
async fn finish_and_claim(
    proxy: &FaultProxy,
    upstream: &Upstream,
    worker: Pid,
    mut call: Call,
) -> Response {
    let Ok(mut arguments) = serde_json::from_slice::<Value>(&call.body) else {
        return proxy.forward(upstream, &call).await;
    };
    let ends = arguments["p_ended"]
        .as_array()
        .is_some_and(|ended| !ended.is_empty());
    let claims = may_claim(proxy, worker, ends);
    if !ends && !claims {
        return axum::Json(json!([])).into_response();
    }
    if ends && dies(proxy, worker, END, Moment::Before) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    arguments["p_limit"] = json!(u8::from(claims));
    call.body = arguments.to_string().into();
    call.headers.remove(header::CONTENT_LENGTH);
    let answer = proxy.forward(upstream, &call).await;
    if ends && answer.status().is_success() {
        if dies(proxy, worker, END, Moment::After) {
            return answer;
        }
        proxy.registry().ended(worker);
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let claimed: Vec<Value> = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(claim) = claimed.first() {
        record_claim(proxy, worker, claim);
    }
    Response::from_parts(head, Body::from(body))
}

/// A worker that is to die of the end takes nothing with it that another job would have to wait for.
fn may_claim(proxy: &FaultProxy, worker: Pid, ends: bool) -> bool {
    let registry = proxy.registry();
    !registry.closed
        && !registry.dies_at(worker, END)
        && (ends || !registry.claims.contains_key(&worker))
}

fn record_claim(proxy: &FaultProxy, worker: Pid, claim: &Value) {
    let id = |name: &str| claim[name].as_str()?.parse::<Uuid>().ok();
    let (Some(step), Some(subject)) = (id("step_id"), id("subject_id")) else {
        return;
    };
    let kind = claim["kind"].as_str().unwrap_or_default().to_owned();
    let late = claim["late_seconds"].as_f64().unwrap_or_default();
    {
        let mut registry = proxy.registry();
        let job = registry.subjects.get(&subject).copied();
        if let Some(recording) = job.and_then(|job| registry.recordings.get_mut(&job)) {
            recording.latest = recording.latest.max(late);
        }
        registry.claims.insert(worker, Claimed { job, kind, step });
        // A claim that was never made cannot be interrupted: only the moment after it counts.
        registry.record_call(worker, CLAIM, Moment::Before);
    }
    dies(proxy, worker, CLAIM, Moment::After);
}

/// A worker that has lost its lease lets go of the step.
async fn release_lost_claim(proxy: &FaultProxy, worker: Pid, answer: Response) -> Response {
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
mod tests;
