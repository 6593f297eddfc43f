//! A connection's way to a service, with every fault that a network and a broken service know.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Stands in every faulty answer; nobody outside may ever read it.
pub(super) const CANARY: &str = "chaos-canary-5f0c";
/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(500);
const BUFFER: usize = 64 * 1024;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Nothing.
    Through,
    /// Nobody listens.
    Down,
    /// Answers come byte by byte.
    Slow,
    /// Each request is answered by a reset.
    Reset,
    /// The connection ends in the middle of the answer.
    Cut,
    /// The answer is not of the protocol.
    Garbage,
    /// The answer is of the protocol, says that all is well, and is not what was asked for.
    Nonsense,
}

/// A fault, for all requests or for some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) mode: Mode,
    /// Only requests whose path begins so.
    pub(super) path: Option<&'static str>,
}

impl Fault {
    const NONE: Self = Self {
        mode: Mode::Through,
        path: None,
    };

    fn closes_the_door(self) -> bool {
        self.mode == Mode::Down && self.path.is_none()
    }

    /// Whether a request that begins with these bytes meets it.
    fn strikes(self, bytes: &[u8]) -> bool {
        self.mode != Mode::Through
            && self.path.is_none_or(|path| {
                let mut words = bytes.split(|byte| *byte == b' ');
                words
                    .nth(1)
                    .is_some_and(|target| target.starts_with(path.as_bytes()))
            })
    }
}

/// A port that leads to another.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    fault: watch::Sender<Fault>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Leads from a free port to `to`.
    pub(super) fn start(to: u16) -> Result<Self> {
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        let (fault, watched) = watch::channel(Fault::NONE);
        let task = tokio::spawn(serve(listener, port, to, watched));
        Ok(Self { port, fault, task })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on this is wrong.
    pub(super) fn strike(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// From now on all is well again.
    pub(super) fn heal(&self) {
        self.fault.send_replace(Fault::NONE);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, port: u16, to: u16, mut fault: watch::Receiver<Fault>) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        if fault.borrow_and_update().closes_the_door() {
            connections.shutdown().await;
            listener = None;
            // Bound and deaf: the port stays ours, and whoever knocks is refused.
            let held = bind(port).await;
            while fault.borrow_and_update().closes_the_door() {
                if fault.changed().await.is_err() {
                    return;
                }
            }
            listener = held.listen(1024).ok().or(listener);
        }
        let Some(door) = &listener else {
            return;
        };
        tokio::select! {
            accepted = door.accept() => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(carry(client, to, fault.clone()));
                }
            }
            changed = fault.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Takes a port that was ours a moment ago.
async fn bind(port: u16) -> TcpSocket {
    loop {
        if let Ok(socket) = TcpSocket::new_v4()
            && socket.set_reuseaddr(true).is_ok()
            && socket.bind(([127, 0, 0, 1], port).into()).is_ok()
        {
            return socket;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// One connection; it ends as soon as either side does, and with the fault that it has met.
async fn carry(mut client: TcpStream, to: u16, mut fault: watch::Receiver<Fault>) {
    let Ok(mut service) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    let _ = (client.set_nodelay(true), service.set_nodelay(true));
    let (mut asked, mut answered) = (vec![0; BUFFER], vec![0; BUFFER]);
    let mut struck = Mode::Through;
    loop {
        tokio::select! {
            changed = fault.changed() => {
                // What was begun in an outage does not get well.
                if changed.is_err() || struck != Mode::Through {
                    return;
                }
            }
            read = client.read(&mut asked) => {
                let Ok(bytes @ 1..) = read else { return };
                let bytes = &asked[..bytes];
                let now = *fault.borrow();
                struck = if now.strikes(bytes) { now.mode } else { Mode::Through };
                let answer: &[u8] = match struck {
                    Mode::Reset => {
                        let _ = client.set_zero_linger();
                        return;
                    }
                    Mode::Down => return,
                    Mode::Garbage => GARBAGE,
                    Mode::Nonsense => NONSENSE,
                    Mode::Through | Mode::Slow | Mode::Cut => &[],
                };
                if !answer.is_empty() {
                    let _ = client.write_all(answer).await;
                    return;
                }
                if service.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = service.read(&mut answered) => {
                let Ok(bytes @ 1..) = read else { return };
                let bytes = &answered[..bytes];
                let done = match struck {
                    Mode::Cut => {
                        let _ = client.write_all(&bytes[..bytes.len() / 2]).await;
                        return;
                    }
                    Mode::Slow => drip(&mut client, bytes, &mut fault).await,
                    _ => client.write_all(bytes).await.is_ok(),
                };
                if !done {
                    return;
                }
            }
        }
    }
}

/// Sends byte by byte; false when it was not worth going on.
async fn drip(client: &mut TcpStream, bytes: &[u8], fault: &mut watch::Receiver<Fault>) -> bool {
    for byte in bytes {
        tokio::select! {
            _ = fault.changed() => return false,
            () = tokio::time::sleep(DRIP) => {}
        }
        if client.write_all(&[*byte]).await.is_err() {
            return false;
        }
    }
    true
}

const GARBAGE: &[u8] = b"\x00\xff\x16\x03\x01chaos-canary-5f0c\r\n\r\n\x00\x00\x00\x05?";
const NONSENSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 46\r\n\r\n<html><h1>chaos-canary-5f0c</h1>{\"a\":1}</html>";

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that answers each request with its own bytes, twice.
    async fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut bytes = [0; 100];
                    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
                        let _ = stream.write_all(&bytes[..read].repeat(2)).await;
                    }
                });
            }
        });
        port
    }

    /// What comes back until the connection ends or nothing comes for a while.
    async fn ask(port: u16, text: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(text.as_bytes()).await?;
        let mut all = Vec::new();
        let mut bytes = [0; 100];
        let pause = Duration::from_millis(300);
        while let Ok(read) = tokio::time::timeout(pause, stream.read(&mut bytes)).await {
            match read? {
                0 => break,
                read => all.extend_from_slice(&bytes[..read]),
            }
        }
        Ok(all)
    }

    fn all(mode: Mode) -> Fault {
        Fault { mode, path: None }
    }

    #[tokio::test]
    async fn each_fault_is_what_it_says_and_passes() {
        let proxy = Proxy::start(echo().await).unwrap();
        let port = proxy.port();
        assert_eq!(ask(port, "GET /a").await.unwrap(), b"GET /aGET /a");
        proxy.strike(all(Mode::Cut));
        assert_eq!(ask(port, "GET /a").await.unwrap(), b"GET /a");
        proxy.strike(all(Mode::Reset));
        assert!(ask(port, "GET /a").await.is_err());
        proxy.strike(all(Mode::Garbage));
        assert_eq!(ask(port, "GET /a").await.unwrap(), GARBAGE);
        proxy.strike(all(Mode::Slow));
        assert!(ask(port, "GET /a").await.unwrap().len() < 6);
        proxy.strike(all(Mode::Down));
        let refused = std::io::ErrorKind::ConnectionRefused;
        while ask(port, "GET /a").await.map_err(|error| error.kind()) != Err(refused) {}
        proxy.heal();
        while ask(port, "GET /a").await.ok().as_deref() != Some(b"GET /aGET /a") {}
    }

    #[tokio::test]
    async fn a_fault_of_some_paths_leaves_the_others_alone() {
        let proxy = Proxy::start(echo().await).unwrap();
        proxy.strike(Fault {
            mode: Mode::Garbage,
            path: Some("/auth/"),
        });
        let port = proxy.port();
        assert_eq!(ask(port, "GET /auth/x ").await.unwrap(), GARBAGE);
        assert_eq!(
            ask(port, "GET /rest ").await.unwrap(),
            b"GET /rest GET /rest "
        );
    }

    #[test]
    fn faulty_answers_carry_the_canary() {
        let text = String::from_utf8_lossy(NONSENSE);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(body.contains(CANARY) && String::from_utf8_lossy(GARBAGE).contains(CANARY));
        assert!(
            head.ends_with(&format!("content-length: {}", body.len())),
            "{head}"
        );
    }
}
