//! The dispatcher processes, and the front door that stands for the deployment: it passes a wake-up to one of them, as a
//! platform would, and a callback to the function that takes callbacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use http::StatusCode;
use rustix::process::Signal;
use sqlx::PgPool;
use stack::Stack;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::CrashArgs;

/// The function that is struck.
pub(super) const DISPATCHER: &str = "api_cron";
/// The function that takes the render service's callbacks.
const CALLBACKS: &str = "api_webhooks";
/// Each worker is woken this often, as by many requests: a new one must not wait for the scheduler's minute.
const WAKE_EVERY: Duration = Duration::from_millis(400);

/// The processes.
pub(super) struct Workers {
    slots: Vec<Slot>,
    environment: BTreeMap<String, String>,
    binary: PathBuf,
    logs: PathBuf,
    door: Arc<Door>,
    callbacks: Mutex<Option<Child>>,
    tasks: Vec<JoinHandle<()>>,
}

type Slot = Arc<Mutex<Worker>>;

struct Worker {
    child: Option<Child>,
    stalled: bool,
}

/// Where the front door leads.
struct Door {
    /// The port of each worker that answers.
    workers: RwLock<Vec<Option<u16>>>,
    callbacks: RwLock<u16>,
    /// How often a worker was told to look for work.
    wakes: AtomicU64,
    http: reqwest::Client,
}

impl Workers {
    pub(super) async fn start(
        stack: &Stack,
        database: &PgPool,
        args: &CrashArgs,
        binaries: &Path,
        logs: &Path,
    ) -> Result<Self> {
        let http = clients::tls::client_builder()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| {
                Error::setup(
                    format!("no HTTP client: {error}"),
                    "this is a fault of the tool",
                )
            })?;
        let door = Arc::new(Door {
            workers: RwLock::new(vec![None; args.workers.max(1)]),
            callbacks: RwLock::new(0),
            wakes: AtomicU64::new(0),
            http,
        });
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        let app = axum::Router::new()
            .fallback(pass)
            .with_state(Arc::clone(&door));
        let serving = tokio::spawn(async move {
            drop(axum::serve(listener, app).await);
        });
        let mut environment = stack.environment().clone();
        let front = format!("http://127.0.0.1:{port}");
        environment.insert("APP_URL".to_owned(), front.clone());
        // The stack's own dispatcher must not help: nothing here kills it.
        sqlx::query("select vault.update_secret(id, $1) from vault.secrets where name = 'app_url'")
            .bind(&front)
            .execute(database)
            .await
            .map_err(Error::database("cannot lead the scheduler to the workers"))?;

        let secret = environment.get("CRON_SECRET").cloned().unwrap_or_default();
        let waking = tokio::spawn(keep_awake(Arc::clone(&door), secret));
        let (child, port) =
            launch(&binaries.join(CALLBACKS), &environment, logs, CALLBACKS).await?;
        *write(&door.callbacks) = port;
        let workers = Self {
            slots: (0..args.workers.max(1))
                .map(|_| {
                    Arc::new(Mutex::new(Worker {
                        child: None,
                        stalled: false,
                    }))
                })
                .collect(),
            environment,
            binary: args
                .dispatcher
                .clone()
                .unwrap_or_else(|| binaries.join(DISPATCHER)),
            logs: logs.to_owned(),
            door,
            callbacks: Mutex::new(Some(child)),
            tasks: vec![serving, waking],
        };
        for number in 0..workers.slots.len() {
            workers.launch(number).await?;
        }
        Ok(workers)
    }

    async fn launch(&self, number: usize) -> Result {
        let name = format!("worker-{number}");
        let (child, port) = launch(&self.binary, &self.environment, &self.logs, &name).await?;
        *self.slots[number].lock().await = Worker {
            child: Some(child),
            stalled: false,
        };
        write(&self.door.workers)[number] = Some(port);
        Ok(())
    }

    /// The number of a worker that runs, chosen by `random`.
    async fn choose(&self, random: usize) -> usize {
        let mut running = Vec::new();
        for (number, slot) in self.slots.iter().enumerate() {
            if !slot.lock().await.stalled {
                running.push(number);
            }
        }
        match running.len() {
            0 => random % self.slots.len(),
            some => running[random % some],
        }
    }

    /// Ends a worker at this very moment, and starts another in its place.
    pub(super) async fn kill(&self, random: usize) -> Result {
        let number = self.choose(random).await;
        write(&self.door.workers)[number] = None;
        if let Some(mut child) = self.slots[number].lock().await.child.take() {
            process::signal(&child, Signal::KILL);
            drop(child.wait().await);
        }
        self.launch(number).await
    }

    /// Stops a worker for this long; then it goes on where it stood.
    pub(super) async fn stall(&self, random: usize, duration: Duration) {
        let number = self.choose(random).await;
        let slot = Arc::clone(&self.slots[number]);
        {
            let mut worker = slot.lock().await;
            if let Some(child) = &worker.child {
                process::signal(child, Signal::STOP);
            }
            worker.stalled = true;
        }
        let door = Arc::clone(&self.door);
        let port = write(&door.workers)[number].take();
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            let mut worker = slot.lock().await;
            if !worker.stalled {
                return;
            }
            if let Some(child) = &worker.child {
                process::signal(child, Signal::CONT);
            }
            worker.stalled = false;
            write(&door.workers)[number] = port;
        });
    }

    /// Waits until nobody is stalled and every claim has ended, a few leases at most.
    pub(super) async fn settle(&self, database: &PgPool, lease: Duration) -> Result {
        let until = Instant::now() + 3 * lease;
        while Instant::now() < until {
            let mut stalled = false;
            for slot in &self.slots {
                stalled |= slot.lock().await.stalled;
            }
            let running: i64 =
                sqlx::query_scalar("select count(*) from private.steps where state = 'running'")
                    .fetch_one(database)
                    .await
                    .map_err(Error::database("cannot count the claims"))?;
            if !stalled && running == 0 {
                // What a worker that has just woken up still wants to write is refused by now, or was in time.
                tokio::time::sleep(Duration::from_millis(500)).await;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// How often a worker was told to look for work, each time all of them at once.
    pub(super) fn wakes(&self) -> u64 {
        self.door.wakes.load(Ordering::Relaxed)
    }

    pub(super) async fn stop(self) {
        for task in &self.tasks {
            task.abort();
        }
        for slot in &self.slots {
            if let Some(mut child) = slot.lock().await.child.take() {
                process::signal(&child, Signal::CONT);
                process::stop(&mut child, Signal::TERM, Duration::from_secs(5)).await;
            }
        }
        if let Some(mut child) = self.callbacks.lock().await.take() {
            process::stop(&mut child, Signal::TERM, Duration::from_secs(5)).await;
        }
    }
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Starts a function and waits until it listens.
pub(super) async fn launch(
    binary: &Path,
    environment: &BTreeMap<String, String>,
    logs: &Path,
    name: &str,
) -> Result<(Child, u16)> {
    let log = logs.join(format!("{name}.log"));
    let failed = || Error::io(format!("cannot start {}", binary.display()));
    // A port found free may be taken by another before the process binds it.
    for _ in 0..5 {
        let (stdout, stderr) = process::log_file(&log).map_err(failed())?;
        let port = process::free_port().map_err(failed())?;
        let mut child = process::command(binary, None, "KILL")
            .env_clear()
            .envs(environment)
            .env("VERCEL_DEV_PORT", port.to_string())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(failed())?;
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok((child, port));
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        drop(child.kill().await);
    }
    Err(Error::setup(
        format!(
            "{name} does not listen; its log ends with:\n{}",
            process::tail(&log, 5)
        ),
        "is everything built? `make build`",
    ))
}

/// Wakes each worker again and again; one that works already takes it as a hint.
async fn keep_awake(door: Arc<Door>, secret: String) {
    loop {
        let ports: Vec<u16> = door
            .workers
            .read()
            .map(|ports| ports.iter().flatten().copied().collect())
            .unwrap_or_default();
        let calls = ports.into_iter().map(|port| {
            door.wakes.fetch_add(1, Ordering::Relaxed);
            let call = door
                .http
                .post(format!("http://127.0.0.1:{port}/api/cron/dispatch"))
                .bearer_auth(&secret)
                .timeout(Duration::from_millis(500))
                .send();
            async move { drop(call.await) }
        });
        futures_util::future::join_all(calls).await;
        tokio::time::sleep(WAKE_EVERY).await;
    }
}

/// The front door.
async fn pass(State(door): State<Arc<Door>>, request: Request) -> Response {
    let port = match request.uri().path() {
        "/api/cron/dispatch" => door.workers.read().ok().and_then(|ports| {
            let ports: Vec<u16> = ports.iter().flatten().copied().collect();
            fastrand::choice(ports)
        }),
        "/api/webhooks/revid" => door.callbacks.read().ok().map(|port| *port),
        _ => None,
    };
    let answer = async {
        let port = port?;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query()?.as_str().to_owned();
        let mut headers = parts.headers;
        headers.remove(http::header::HOST);
        headers.remove(http::header::CONTENT_LENGTH);
        let body = to_bytes(body, 4 * 1024 * 1024).await.ok()?;
        door.http
            .request(parts.method, format!("http://127.0.0.1:{port}{path}"))
            .headers(headers)
            .body(body)
            .send()
            .await
            .ok()
    }
    .await;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.map_or(StatusCode::BAD_GATEWAY, |answer| answer.status());
    response
}
