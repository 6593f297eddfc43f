//! Child processes that never outlive this one.

use std::net::TcpListener;
use std::path::Path;
use std::sync::OnceLock;
use std::{fs::File, io, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// An account that a process is to run as.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
}

impl Account {
    /// Finds an account in the system's list.
    pub fn named(name: &str) -> Option<Self> {
        let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
        let mut accounts = accounts.lines().map(|line| line.split(':'));
        let mut fields = accounts.find(|fields| fields.clone().next() == Some(name))?;
        let uid = fields.nth(2)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { uid, gid })
    }
}

/// A command whose process dies with this one, even when this one is killed, and which a Ctrl-C at the terminal does
/// not reach: this process ends its children itself, in order.
pub fn command(program: &Path, account: Option<&Account>, on_parent_death: &str) -> Command {
    let mut command = Command::new(setpriv().unwrap_or(program));
    if setpriv().is_some() {
        if let Some(Account { uid, gid }) = account {
            let (user, group) = (format!("--reuid={uid}"), format!("--regid={gid}"));
            command.args([&user, &group, "--clear-groups"]);
        }
        command.args(["--pdeathsig", on_parent_death, "--"]);
        command.arg(program);
    } else if let Some(Account { uid, gid }) = account {
        command.uid(*uid).gid(*gid);
    }
    command.process_group(0);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// util-linux's `setpriv`, which sets the parent-death signal; other systems do without.
fn setpriv() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<&'static Path>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let places = ["/usr/bin/setpriv", "/bin/setpriv"].map(Path::new);
        places.into_iter().find(|path| path.is_file())
    })
}

/// Sends a signal to a child that is still running.
pub fn signal(child: &Child, signal: Signal) {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = id.and_then(Pid::from_raw) {
        // A child that has just ended is what the signal was for.
        let _ = kill_process(pid, signal);
    }
}

/// Asks a child to end, waits, and kills it when it does not.
pub async fn stop(child: &mut Child, ask: Signal, patience: Duration) {
    signal(child, ask);
    if tokio::time::timeout(patience, child.wait()).await.is_err() {
        drop(child.start_kill());
        drop(child.wait().await);
    }
}

/// Opens a log file for a child's output, appending.
pub fn log_file(path: &Path) -> io::Result<(Stdio, Stdio)> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::options().create(true).append(true).open(path)?;
    let twin = file.try_clone()?;
    Ok((file.into(), twin.into()))
}

/// The last lines of a log, for an error message.
pub fn tail(path: &Path, lines: usize) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Ports below those that the system gives to outgoing connections: such a one is not taken by a client in the moment
/// between being found and being used.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// Listens on a port that nothing else listens on at this moment.
pub fn free_listener() -> io::Result<TcpListener> {
    let bind = || TcpListener::bind(("127.0.0.1", fastrand::u16(PORTS)));
    (0..64).find_map(|_| bind().ok()).map_or_else(bind, Ok)
}

/// Listens on such a port, for a server in this process; and the port.
pub fn listen() -> io::Result<(tokio::net::TcpListener, u16)> {
    let listener = free_listener()?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((tokio::net::TcpListener::from_std(listener)?, port))
}

/// A port that nothing listens on at this moment.
pub fn free_port() -> io::Result<u16> {
    Ok(free_listener()?.local_addr()?.port())
}
