//! Child processes that never outlive this one.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// An account that a process is to run as.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
}

impl Account {
    /// Finds an account in the system's list.
    pub fn named(name: &str) -> Option<Self> {
        std::fs::read_to_string("/etc/passwd")
            .ok()?
            .lines()
            .find_map(|line| {
                let mut fields = line.split(':');
                (fields.next()? == name).then_some(())?;
                let uid = fields.nth(1)?.parse().ok()?;
                let gid = fields.next()?.parse().ok()?;
                Some(Self {
                    name: name.to_owned(),
                    uid,
                    gid,
                })
            })
    }
}

/// A command whose process dies with this one, even when this one is killed, and which a Ctrl-C at the terminal does
/// not reach: this process ends its children itself, in order.
pub fn command(program: &Path, account: Option<&Account>, on_parent_death: &str) -> Command {
    let mut command = match setpriv() {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            if let Some(account) = account {
                command.args([
                    "--reuid",
                    &account.uid.to_string(),
                    "--regid",
                    &account.gid.to_string(),
                    "--clear-groups",
                ]);
            }
            command
                .args(["--pdeathsig", on_parent_death, "--"])
                .arg(program);
            command
        }
        None => {
            let mut command = Command::new(program);
            if let Some(account) = account {
                command.uid(account.uid).gid(account.gid);
            }
            command
        }
    };
    command
        .process_group(0)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// util-linux's `setpriv`, which sets the parent-death signal; other systems do without.
fn setpriv() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            ["/usr/bin/setpriv", "/bin/setpriv"]
                .iter()
                .map(PathBuf::from)
                .find(|path| path.is_file())
        })
        .as_deref()
}

/// Sends a signal to a child that is still running.
pub fn signal(child: &Child, signal: Signal) {
    if let Some(pid) = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw)
    {
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
pub fn free_listener() -> io::Result<std::net::TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..64 {
        match std::net::TcpListener::bind(("127.0.0.1", fastrand::u16(PORTS))) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
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
