//! A proxy in front of the stack's gateway that can fail.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::Stack;

/// What the proxy does with what is sent over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Carries it.
    None,
    /// Closes every connection, old and new.
    Reset,
    /// Takes it and never answers.
    Silent,
    /// Answers with an error whose text must not be passed on.
    Failing,
}

/// The proxy.
pub(crate) struct FaultProxy {
    pub(crate) url: String,
    fault: watch::Sender<Fault>,
    requests: Requests,
}

/// The first lines of the requests so far.
type Requests = Arc<Mutex<Vec<String>>>;

/// What a failing gateway says.
pub(crate) const CANARY: &str = "connection to server at db.internal.example port 5432 failed";

impl FaultProxy {
    /// A proxy without a fault.
    pub(crate) async fn to_gateway(stack: &Stack) -> Self {
        let target = stack
            .supabase_url
            .strip_prefix("http://")
            .expect("a local gateway")
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (fault, watched) = watch::channel(Fault::None);
        let requests = Requests::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (target, watched, seen) = (target.clone(), watched.clone(), Arc::clone(&seen));
                tokio::spawn(carry(socket, target, watched, seen));
            }
        });
        Self {
            url,
            fault,
            requests,
        }
    }

    /// Changes its fault, for connections that are open too.
    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// How many requests went over it whose path holds this.
    pub(crate) fn calls(&self, path: &str) -> usize {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().filter(|line| line.contains(path)).count()
    }
}

/// Carries one connection until it ends or the fault changes.
async fn carry(
    mut socket: TcpStream,
    target: String,
    mut fault: watch::Receiver<Fault>,
    seen: Requests,
) {
    let now = *fault.borrow_and_update();
    let work = async {
        match now {
            Fault::Reset => {}
            Fault::Silent => std::future::pending().await,
            Fault::Failing => {
                let mut request = vec![0; 65_536];
                while socket.read(&mut request).await.is_ok_and(|n| n > 0) {
                    let body = format!("{{\"code\":\"XX000\",\"message\":\"{CANARY}\"}}");
                    let answer = format!(
                        "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if socket.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            }
            Fault::None => {
                let Ok(gateway) = TcpStream::connect(target).await else {
                    return;
                };
                let (mut from, mut to) = gateway.into_split();
                let (mut reader, mut writer) = socket.split();
                let upwards = async {
                    let mut piece = vec![0; 65_536];
                    loop {
                        match reader.read(&mut piece).await {
                            Ok(n) if n > 0 => {
                                let text = String::from_utf8_lossy(&piece[..n]);
                                let requests =
                                    text.lines().filter(|line| line.ends_with("HTTP/1.1"));
                                seen.lock()
                                    .unwrap_or_else(PoisonError::into_inner)
                                    .extend(requests.map(ToOwned::to_owned));
                                if to.write_all(&piece[..n]).await.is_err() {
                                    break;
                                }
                            }
                            _ => break,
                        }
                    }
                };
                let downwards = tokio::io::copy(&mut from, &mut writer);
                tokio::select! { () = upwards => {}, _ = downwards => {} }
            }
        }
    };
    tokio::select! { () = work => {}, _ = fault.changed() => {} }
}
