//! A connection's way to a service, with every fault that a network and a broken service know.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::fault::{Fault, Mode};

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(500);
const BUFFER: usize = 64 * 1024;

/// A port that leads to another.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) port: u16,
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

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on connections meet this fault.
    pub(super) fn set_fault(&self, fault: Fault) {
        self.fault.send_replace(fault);
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
        if fault.borrow_and_update().refuses_connections() {
            connections.shutdown().await;
            listener = None;
            // Bound and not listening: the port stays ours, and every connection is refused.
            let held = bind(port).await;
            while fault.borrow_and_update().refuses_connections() {
                if fault.changed().await.is_err() {
                    return;
                }
            }
            listener = held.listen(1024).ok().or(listener);
        }
        let Some(open) = &listener else {
            return;
        };
        tokio::select! {
            Ok((client, _)) = open.accept() => drop(connections.spawn(carry(client, to, fault.clone()))),
            changed = fault.changed() => if changed.is_err() { return },
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
    let mut met = Mode::Through;
    loop {
        let goes_on = tokio::select! {
            // What was begun under a fault does not recover.
            changed = fault.changed() => changed.is_ok() && met == Mode::Through,
            read = client.read(&mut asked) => {
                let Ok(bytes @ 1..) = read else { return };
                let bytes = &asked[..bytes];
                let now = *fault.borrow();
                met = if now.applies_to(bytes) { now.mode } else { Mode::Through };
                pass_request(&mut client, &mut service, bytes, met).await
            }
            read = service.read(&mut answered) => {
                let Ok(bytes @ 1..) = read else { return };
                pass_answer(&mut client, &answered[..bytes], met, &mut fault).await
            }
        };
        if !goes_on {
            return;
        }
    }
}

/// False when the connection ends.
async fn pass_request(
    client: &mut TcpStream,
    service: &mut TcpStream,
    bytes: &[u8],
    mode: Mode,
) -> bool {
    match mode {
        Mode::Through | Mode::Slow | Mode::Cut => return service.write_all(bytes).await.is_ok(),
        Mode::Reset => drop(client.set_zero_linger()),
        Mode::Down => {}
        Mode::Garbage => drop(client.write_all(GARBAGE).await),
        Mode::Nonsense => drop(client.write_all(NONSENSE).await),
    }
    false
}

/// False when the connection ends.
async fn pass_answer(
    client: &mut TcpStream,
    bytes: &[u8],
    mode: Mode,
    fault: &mut watch::Receiver<Fault>,
) -> bool {
    match mode {
        Mode::Cut => {
            let _ = client.write_all(&bytes[..bytes.len() / 2]).await;
            false
        }
        Mode::Slow => drip(client, bytes, fault).await,
        _ => client.write_all(bytes).await.is_ok(),
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
mod tests;
