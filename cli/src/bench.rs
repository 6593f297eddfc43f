//! `catalyst bench`: the figures of performance, measured on this machine with the release build.
//!
//! Figures, not tests: the report says what was measured and what it was meant to be.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use catalyst::scoring::channel::StoredVideo;
use catalyst::scoring::{Format, MODEL, channel};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::demo;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::stack::{self, Options, Ports, Stack, cluster::Durability};

/// Starts that are measured; an odd number has a median.
const STARTS: usize = 41;
/// Requests after which memory is read.
const REQUESTS: usize = 1_000;
/// Videos of the channel whose scoring is measured.
const VIDEOS: i64 = 10_000;
/// The function that is started: signed in, limited and reading rows.
const FUNCTION: &str = "api_channels";
const PATH: &str = "/api/channels";

/// Measures and writes `target/bench/report.json`.
///
/// # Errors
///
/// When the stack or a function does not start, or the report cannot be written.
pub async fn run(project: &Project) -> Result<bool> {
    let state = stack::throwaway_folder()?;
    let binaries = project.binaries(true);
    let stack = Stack::start(
        project,
        &Options {
            binaries: binaries.clone(),
            state: state.path().to_owned(),
            ports: Ports::free()?,
            durability: Durability::Throwaway,
            variables: [("ENABLE_RATE_LIMITING".to_owned(), "false".to_owned())].into(),
            supabase: None,
            catalog: None,
        },
    )
    .await?;
    let measured = measure(project, &stack, &binaries).await;
    stack.stop().await;
    if let Err(error) = stack::cluster::remove(state.path()) {
        tracing::warn!(error = %error, "the database could not be removed");
    }
    let report = measured?;
    let folder = binaries.parent().unwrap_or(&binaries).join("bench");
    let path = folder.join("report.json");
    std::fs::create_dir_all(&folder)
        .and_then(|()| {
            std::fs::write(
                &path,
                serde_json::to_string_pretty(&report).unwrap_or_default(),
            )
        })
        .map_err(Error::io(format!("cannot write {}", path.display())))?;
    println!("report: {}", path.display());
    Ok(report["ok"] == true)
}

async fn measure(project: &Project, stack: &Stack, binaries: &Path) -> Result<Value> {
    let token = demo::sign_up(stack).await?;
    let mut figures = vec![largest_binary(project, binaries)?];
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (child, _, took) = start(stack, binaries, &token).await?;
        end(child).await;
        starts.push(took.as_secs_f64() * 1e3);
    }
    starts.sort_by(f64::total_cmp);
    figures.push(figure(
        "start to first database-backed answer, median",
        starts[STARTS / 2],
        8.0,
        "ms",
    ));
    figures.push(figure(
        "start to first database-backed answer, 95 %",
        starts[STARTS * 95 / 100],
        f64::INFINITY,
        "ms",
    ));

    let (child, port, _) = start(stack, binaries, &token).await?;
    let mut answers = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let began = Instant::now();
        ask(port, &token)
            .await
            .ok_or_else(|| Error::setup("a request was not answered", "see the function's log"))?;
        answers.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let memory = resident_megabytes(child.id().unwrap_or_default())?;
    end(child).await;
    answers.sort_by(f64::total_cmp);
    figures.push(figure(
        "warm answer, median",
        answers[REQUESTS / 2],
        f64::INFINITY,
        "ms",
    ));
    figures.push(figure(
        "warm answer, 99 %",
        answers[REQUESTS * 99 / 100],
        f64::INFINITY,
        "ms",
    ));
    figures.push(figure(
        "resident memory after 1,000 requests",
        memory,
        12.0,
        "MB",
    ));
    figures.push(figure(
        "scoring 10,000 videos, one core",
        scoring().as_secs_f64(),
        1.0,
        "s",
    ));
    let ok = figures.iter().all(|figure| figure["ok"] == true);
    Ok(
        json!({"ok": ok, "cores": std::thread::available_parallelism().map_or(1, usize::from), "figures": figures}),
    )
}

fn figure(name: &str, measured: f64, limit: f64, unit: &str) -> Value {
    let ok = measured <= limit;
    let goal = if limit.is_finite() {
        format!("at most {limit} {unit}")
    } else {
        "no goal".into()
    };
    println!(
        "{} {name}: {measured:.2} {unit} ({goal})",
        if ok { "✓" } else { "✗" }
    );
    json!({"name": name, "measured": measured, "unit": unit, "limit": limit.is_finite().then_some(limit), "ok": ok})
}

fn largest_binary(project: &Project, binaries: &Path) -> Result<Value> {
    let mut largest = 0;
    for (name, _) in project.functions()? {
        let path = binaries.join(&name);
        let size = path
            .metadata()
            .map_err(Error::io(format!("{} is not built", path.display())))?
            .len();
        largest = largest.max(size);
    }
    Ok(figure(
        "largest function binary",
        largest as f64 / 1e6,
        8.0,
        "MB",
    ))
}

/// Starts the function and asks it once it listens; the time runs from the start of the process to the whole answer.
async fn start(stack: &Stack, binaries: &Path, token: &str) -> Result<(Child, u16, Duration)> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_err(Error::io("no free port"))?
        .port();
    let began = Instant::now();
    let child = Command::new(binaries.join(FUNCTION))
        .env_clear()
        .envs(stack.environment())
        .env("VERCEL_DEV_PORT", port.to_string())
        .env("LOG_LEVEL", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(Error::io(format!("cannot start {FUNCTION}")))?;
    while began.elapsed() < Duration::from_secs(5) {
        if ask(port, token).await.is_some() {
            return Ok((child, port, began.elapsed()));
        }
        std::hint::spin_loop();
    }
    Err(Error::setup(
        format!("{FUNCTION} did not answer within 5 s"),
        "run it by hand and read its log",
    ))
}

/// One request on a connection of its own, as raw HTTP: a client's own cost must not be measured. None unless it is a 200.
async fn ask(port: u16, token: &str) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request = format!(
        "GET {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    answer.starts_with(b"HTTP/1.1 200").then_some(())
}

async fn end(mut child: Child) {
    drop(child.kill().await);
}

fn resident_megabytes(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .map_err(Error::io("cannot read the process's memory"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().split(' ').next())
        .and_then(|number| number.parse::<f64>().ok())
        .unwrap_or(f64::INFINITY);
    Ok(kilobytes / 1e3)
}

/// Scores a channel of 10,000 videos on this thread.
fn scoring() -> Duration {
    let now = Timestamp::now();
    let videos: Vec<StoredVideo> = (0..VIDEOS)
        .map(|n| StoredVideo {
            published_at: now - SignedDuration::from_hours(9 * n + 1),
            tie: n,
            format: Some(if n % 3 == 0 {
                Format::Short
            } else {
                Format::Long
            }),
            views: Some(((n * 7_919) % 90_000 + 100) as f64),
            interactions: Some(((n * 104_729) % 4_000) as f64),
            analytics_at: None,
            snapshots: Vec::new(),
        })
        .collect();
    let began = Instant::now();
    let verdicts = channel::score(&MODEL, &videos, now, Some(now));
    let took = began.elapsed();
    assert_eq!(verdicts.len(), videos.len(), "every video has a verdict");
    took
}
