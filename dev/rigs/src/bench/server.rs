//! One function as one process, ours or the peer's, and what it uses.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::routes::{Function, Route};
use super::{testbed::Testbed, wire::Connection};
use crate::patience::until;

/// Which implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Peer,
}

/// A running function.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
}

impl Server {
    /// Starts the process and does not wait for it.
    pub(super) fn spawn(testbed: &Testbed, side: Side, function: Function) -> Result<Self> {
        let mut command = Command::new(match side {
            Side::Ours => testbed.binaries.join(function.binary),
            Side::Peer => PathBuf::from("node"),
        });
        if side == Side::Peer {
            command
                .arg(testbed.peer.join("dist/server.js"))
                .arg(function.peer);
        }
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

    /// Ours and the peer's function of a route.
    pub(super) async fn both(testbed: &Testbed, route: Route) -> Result<[Self; 2]> {
        let function = route.function();
        let ours = Self::start(testbed, Side::Ours, function).await?;
        Ok([ours, Self::start(testbed, Side::Peer, function).await?])
    }

    /// Waits until it listens.
    pub(super) async fn wait_until_listening(&self, name: &str, patience: Duration) -> Result {
        let listens = async || Ok(TcpStream::connect(("127.0.0.1", self.port)).await.is_ok());
        until(
            &format!("{name} listens"),
            patience,
            Duration::from_millis(2),
            listens,
        )
        .await
    }

    pub(super) async fn connect(&self) -> Result<Connection> {
        let opened = Connection::open(self.port).await;
        opened.map_err(Error::io("a function does not listen"))
    }

    /// Resident memory now, in MB.
    pub(super) fn memory(&self) -> f64 {
        self.megabytes("VmRSS:")
    }

    /// The most memory it ever had, in MB.
    pub(super) fn memory_peak(&self) -> f64 {
        self.megabytes("VmHWM:")
    }

    fn megabytes(&self, name: &str) -> f64 {
        let status = self.process_file("status");
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        kilobytes
            .and_then(|number| number.parse().ok())
            .unwrap_or(f64::NAN)
            / 1e3
    }

    /// Seconds of a core that it has used so far, with all its threads.
    pub(super) fn cpu(&self) -> f64 {
        let stat = self.process_file("stat");
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let used = after_name.split_whitespace().skip(11).take(2);
        let ticks = used
            .map(|ticks| ticks.parse().unwrap_or(f64::NAN))
            .sum::<f64>();
        ticks / rustix::param::clock_ticks_per_second() as f64
    }

    fn process_file(&self, name: &str) -> String {
        let pid = self.child.id().unwrap_or_default();
        std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default()
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
