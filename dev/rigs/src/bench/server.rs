//! One function as one process, ours or the peer's, and what it uses.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::testbed::Testbed;
use super::wire::Connection;

/// Which implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Peer,
}

/// A function by the names it has on each side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) binary: &'static str,
    pub(super) peer: &'static str,
}

/// A running function.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
}

impl Server {
    /// Starts the process and does not wait for it.
    pub(super) fn spawn(testbed: &Testbed, side: Side, function: Function) -> Result<Self> {
        let mut command = match side {
            Side::Ours => Command::new(testbed.binaries.join(function.binary)),
            Side::Peer => {
                let mut node = Command::new("node");
                node.arg(testbed.peer.join("dist/server.js"))
                    .arg(function.peer);
                node
            }
        };
        Self::run(testbed, &mut command, function.binary)
    }

    /// Starts a command that serves a function.
    pub(super) fn run(testbed: &Testbed, command: &mut Command, name: &str) -> Result<Self> {
        let port = process::free_port().map_err(Error::io("no free port"))?;
        let child = command
            .env_clear()
            .envs(testbed.function_environment())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("VERCEL_DEV_PORT", port.to_string())
            .env("PORT", port.to_string())
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::io(format!("cannot start {name}")))?;
        Ok(Self { child, port })
    }

    /// Starts the process and waits until it listens.
    pub(super) async fn start(testbed: &Testbed, side: Side, function: Function) -> Result<Self> {
        let server = Self::spawn(testbed, side, function)?;
        server
            .wait_until_listening(function.binary, Duration::from_secs(20))
            .await?;
        Ok(server)
    }

    /// Waits until it listens.
    pub(super) async fn wait_until_listening(&self, name: &str, patience: Duration) -> Result {
        let until = Instant::now() + patience;
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if Instant::now() > until {
                return Err(Error::setup(
                    format!("{name} does not listen"),
                    "run it by hand and read its log",
                ));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    pub(super) async fn connect(&self) -> Result<Connection> {
        Connection::open(self.port)
            .await
            .map_err(Error::io("a function does not listen"))
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Resident memory now, in MB.
    pub(super) fn memory(&self) -> f64 {
        status_kilobytes(self.pid(), "VmRSS:") / 1e3
    }

    /// The most memory it ever had, in MB.
    pub(super) fn memory_peak(&self) -> f64 {
        status_kilobytes(self.pid(), "VmHWM:") / 1e3
    }

    /// Seconds of a core that it has used so far, with all its threads.
    pub(super) fn cpu(&self) -> f64 {
        let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace().collect())
            .unwrap_or_default();
        let ticks = |at: usize| {
            fields
                .get(at)
                .and_then(|n| n.parse::<f64>().ok())
                .unwrap_or(f64::NAN)
        };
        (ticks(11) + ticks(12)) / ticks_per_second
    }

    /// Ends it as a platform does.
    pub(super) async fn stop(mut self) {
        process::stop(&mut self.child, Signal::TERM, Duration::from_secs(20)).await;
    }

    /// Ends it at once.
    pub(super) async fn kill(mut self) {
        drop(self.child.kill().await);
    }
}

fn status_kilobytes(pid: u32, name: &str) -> f64 {
    std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix(name)?
                .trim()
                .split(' ')
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or(f64::NAN)
}
