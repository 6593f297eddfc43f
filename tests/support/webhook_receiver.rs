//! A receiver of webhooks on this machine: keeps what came, answers what the test wants, and verifies by itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Answer, PATIENCE, Stack, User, until};

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Answers with a status line and headers: `"200 OK\r\nretry-after: 7"`.
    Answer(String),
    /// Never answers.
    Hang,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// How many of the signatures are good under this secret.
    pub(crate) fn signatures(&self, secret: &str) -> usize {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").expect("the prefix"))
            .expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut signed = format!(
            "{}.{}.",
            self.header("webhook-id"),
            self.header("webhook-timestamp")
        )
        .into_bytes();
        signed.extend_from_slice(&self.body);
        self.header("webhook-signature")
            .split(' ')
            .filter(|entry| {
                let signature = entry.strip_prefix("v1,").expect("version 1");
                let signature = STANDARD.decode(signature).expect("base64");
                hmac::verify(&key, &signed, &signature).is_ok()
            })
            .count()
    }
}

/// The receiver. Answers 204 unless told otherwise.
pub(crate) struct Receiver {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Received>>>,
    next: Arc<Mutex<VecDeque<Reaction>>>,
    usual: Arc<Mutex<Reaction>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().expect("an address")),
            seen: Arc::default(),
            next: Arc::default(),
            usual: Arc::new(Mutex::new(Reaction::Answer("204 No Content".into()))),
        };
        let (seen, next, usual) = (
            Arc::clone(&receiver.seen),
            Arc::clone(&receiver.next),
            Arc::clone(&receiver.usual),
        );
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (seen, next, usual) =
                    (Arc::clone(&seen), Arc::clone(&next), Arc::clone(&usual));
                tokio::spawn(async move {
                    let mut socket = socket;
                    let Some(request) = read(&mut socket).await else {
                        return;
                    };
                    seen.lock().expect("no panic").push(request);
                    let reaction = next.lock().expect("no panic").pop_front();
                    let reaction =
                        reaction.unwrap_or_else(|| usual.lock().expect("no panic").clone());
                    match reaction {
                        Reaction::Answer(head) => {
                            let answer = format!(
                                "HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                            );
                            let _ = socket.write_all(answer.as_bytes()).await;
                            let _ = socket.shutdown().await;
                        }
                        Reaction::Hang => std::future::pending().await,
                    }
                });
            }
        });
        receiver
    }

    /// What it does with the next requests, one after the other.
    pub(crate) fn then(&self, reactions: impl IntoIterator<Item = Reaction>) {
        self.next.lock().expect("no panic").extend(reactions);
    }

    /// What it does with all others.
    pub(crate) fn always(&self, reaction: Reaction) {
        *self.usual.lock().expect("no panic") = reaction;
    }

    pub(crate) fn seen(&self) -> Vec<Received> {
        self.seen.lock().expect("no panic").clone()
    }

    /// What came of this kind.
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Received> {
        let mut seen = self.seen();
        seen.retain(|received| received.kind() == kind);
        seen
    }

    /// Waits until so many have come, waking the dispatcher as pg_cron does.
    pub(crate) async fn received(&self, stack: &Stack, count: usize) -> Vec<Received> {
        until("the next webhook", PATIENCE, async || {
            stack.dispatch().await;
            let seen = self.seen();
            if seen.len() >= count {
                Ok(seen)
            } else {
                Err(format!("{} of {count}", seen.len()))
            }
        })
        .await
    }

    /// Registers it for a user: the endpoint with its secret.
    pub(crate) async fn register(&self, user: &User, more: Value) -> Endpoint {
        let mut body = json!({ "url": self.url });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let made = user
            .api
            .post("/api/webhooks/endpoints", &body)
            .await
            .status(201);
        Endpoint {
            id: made.id(),
            secret: made.text("/secret"),
        }
    }
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    let end = loop {
        let count = socket.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let (head, rest) = text.split_once("\r\n")?;
    let headers: BTreeMap<String, String> = rest
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let count = socket.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        body.extend_from_slice(&buffer[..count]);
    }
    Some(Received {
        head: head.to_owned(),
        headers,
        body,
    })
}

/// A registered endpoint.
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Endpoint {
    pub(crate) fn path(&self) -> String {
        format!("/api/webhooks/endpoints/{}", self.id)
    }

    /// Has a `ping` sent: the delivery's path.
    pub(crate) async fn ping(&self, user: &User) -> String {
        let path = format!("{}/test", self.path());
        let delivery = user.api.post(&path, &json!({})).await.status(202);
        format!("/api/webhooks/deliveries/{}", delivery.id())
    }
}

/// Follows a delivery until so many attempts have ended.
pub(crate) async fn attempted(stack: &Stack, user: &User, delivery: &str, count: usize) -> Answer {
    until("the end of an attempt", PATIENCE, async || {
        stack.dispatch().await;
        let answer = user.api.get(delivery).await.status(200);
        let ended = answer.json["attempts"].as_array().is_some_and(|attempts| {
            attempts.len() >= count && attempts[count - 1]["outcome"] != "interrupted"
        });
        if ended {
            Ok(answer)
        } else {
            Err(answer.to_string())
        }
    })
    .await
}

/// How each attempt of a delivery ended.
pub(crate) fn outcomes(delivery: &Answer) -> Vec<&str> {
    delivery.json["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|attempt| attempt["outcome"].as_str().expect("an outcome"))
        .collect()
}
