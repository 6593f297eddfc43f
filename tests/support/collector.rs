//! Collects what the functions export: keeps every body, and may never answer.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One thing that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// The collector.
pub(crate) struct Collector {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Collector {
    /// Takes and acknowledges everything.
    pub(crate) async fn start() -> Self {
        Self::listen(true).await
    }

    /// Takes everything, and never answers.
    pub(crate) async fn silent() -> Self {
        Self::listen(false).await
    }

    async fn listen(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/in", listener.local_addr().expect("an address"));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&kept), answers));
            }
        });
        Self { url, received }
    }

    /// What has come so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The `data` of every event of a type.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.received()
            .iter()
            .flat_map(|one| one.body.as_array().cloned().unwrap_or_default())
            .filter(|event| event["type"] == name)
            .map(|event| event["data"].clone())
            .collect()
    }

    /// Every span of every trace.
    pub(crate) fn spans(&self) -> Vec<Value> {
        self.received()
            .iter()
            .flat_map(|one| {
                one.body
                    .pointer("/resourceSpans/0/scopeSpans/0/spans")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }
}

/// Reads requests from one connection until it ends.
async fn serve(mut socket: TcpStream, kept: Arc<Mutex<Vec<Received>>>, answers: bool) {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 65_536];
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
                let length: usize = head
                    .lines()
                    .find_map(|line| {
                        line.to_lowercase()
                            .strip_prefix("content-length:")?
                            .trim()
                            .parse()
                            .ok()
                    })
                    .unwrap_or(0);
                if bytes.len() >= at + 4 + length {
                    let body = serde_json::from_slice(&bytes[at + 4..at + 4 + length]);
                    kept.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(Received {
                            head,
                            body: body.unwrap_or(Value::Null),
                        });
                    break at + 4 + length;
                }
            }
            match socket.read(&mut piece).await {
                Ok(n) if n > 0 => bytes.extend_from_slice(&piece[..n]),
                _ => return,
            }
        };
        bytes.drain(..end);
        if !answers {
            std::future::pending::<()>().await;
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        if socket.write_all(answer).await.is_err() {
            return;
        }
    }
}
