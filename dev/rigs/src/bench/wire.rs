//! HTTP/1.1 by hand over one kept connection: a client's own cost must not be measured.

use catalyst_cli::error::{Error, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, written out.
#[derive(Clone, Debug)]
pub(super) struct Request(Vec<u8>);

impl Request {
    pub(super) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            let length = body.len();
            text.push_str(&format!(
                "content-type: application/json\r\ncontent-length: {length}\r\n"
            ));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(body);
        Self(bytes)
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A connection that is used again and again.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends one request and reads the whole answer.
    pub(super) async fn send(&mut self, request: &Request) -> std::io::Result<Answer> {
        self.stream.write_all(&request.0).await?;
        self.read.clear();
        let head = loop {
            if let Some(at) = find(&self.read, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| broken("no status line"))?;
        let header = |name: &str| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.map(str::trim)
        };
        let body = if header("transfer-encoding") == Some("chunked") {
            self.chunks(head).await?
        } else {
            let length = header("content-length").and_then(|length| length.parse().ok());
            let length: usize = length.unwrap_or(0);
            while self.read.len() < head + length {
                self.more().await?;
            }
            self.read[head..head + length].to_vec()
        };
        Ok(Answer { status, body })
    }

    /// Sends a request that has to succeed.
    pub(super) async fn expect(&mut self, request: &Request) -> Result<Answer> {
        let answer = self.send(request).await;
        let answer = answer.map_err(Error::io("a request was not answered"))?;
        if answer.is_success() {
            return Ok(answer);
        }
        let request = String::from_utf8_lossy(&request.0);
        let (line, status) = (request.lines().next().unwrap_or_default(), answer.status);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Err(Error::setup(
            format!("{line} was answered with {status}"),
            body,
        ))
    }

    async fn chunks(&mut self, mut at: usize) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = find(&self.read[at..], b"\r\n") {
                    break at + end;
                }
                self.more().await?;
            };
            let size = std::str::from_utf8(&self.read[at..line])
                .ok()
                .and_then(|size| usize::from_str_radix(size.trim(), 16).ok())
                .ok_or_else(|| broken("a chunk without a size"))?;
            let end = line + 2 + size;
            while self.read.len() < end + 2 {
                self.more().await?;
            }
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&self.read[line + 2..end]);
            at = end + 2;
        }
    }

    async fn more(&mut self) -> std::io::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(broken("the connection was closed"));
        }
        Ok(())
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn broken(what: &'static str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
