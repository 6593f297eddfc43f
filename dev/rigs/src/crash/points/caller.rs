//! Which worker is behind a connection.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

use super::proxy::FaultProxy;

/// The process behind a connection; none when it is not one of the workers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) Option<i32>);

pub(super) struct WatchedListener {
    pub(super) listener: TcpListener,
    pub(super) port: u16,
    pub(super) proxy: Arc<FaultProxy>,
}

impl Listener for WatchedListener {
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

impl Connected<IncomingStream<'_, WatchedListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, WatchedListener>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

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
