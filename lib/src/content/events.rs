//! The same generation, told as it happens: server-sent events `started`, `progress`, and at the end `content` or
//! `problem`.
//!
//! The text itself is not sent before it was checked: the model's last word can still withdraw all of it, and a banned
//! topic is only found in the whole.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use vercel_runtime::ResponseBody;

use super::generate::{Begun, Job};
use super::row::Content;
use super::write::Progress;
use platform::endpoint::{Ctx, Reply};

/// Proxies close connections that are silent for longer.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Answers with the events of a generation.
#[must_use]
pub fn stream(ctx: &Ctx, begun: Begun) -> Reply<Content> {
    let (events, body) = unbounded_channel();
    match begun {
        Begun::New(job) => {
            let request_id = ctx.request_id().to_owned();
            send(&events, "started", &json!({"id": job.id, "kind": job.kind}));
            ctx.background(tell(job, events, request_id));
        }
        Begun::Replayed(content) => send(&events, "content", &content),
    }
    let mut response = Response::new(ResponseBody(Events(body).boxed()));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Reply::raw(response)
}

/// Runs to its end whether or not anybody listens: it is paid for.
async fn tell(job: Box<Job>, events: UnboundedSender<Bytes>, request_id: String) {
    let progress = events.clone();
    let mut listener = move |step: Progress| {
        let data = match step {
            Progress::Writing { characters } => {
                json!({"stage": "writing", "characters": characters})
            }
            Progress::Repairing => json!({"stage": "repairing"}),
            Progress::Checking => json!({"stage": "checking"}),
        };
        send(&progress, "progress", &data);
    };
    let mut work = Box::pin(job.run(true, &mut listener));
    let outcome = loop {
        match tokio::time::timeout(KEEP_ALIVE, &mut work).await {
            Ok(outcome) => break outcome,
            Err(_) => {
                let _ = events.send(Bytes::from_static(b": keep-alive\n\n"));
            }
        }
    };
    match outcome {
        Ok(content) => send(&events, "content", &content),
        Err(problem) => send(&events, "problem", &problem.into_body(&request_id)),
    }
}

/// One event. JSON has no line ends of its own, so its data is one line.
fn send(events: &UnboundedSender<Bytes>, name: &str, data: &impl Serialize) {
    let data = serde_json::to_string(data).unwrap_or_default();
    // The client may have gone.
    let _ = events.send(Bytes::from(format!("event: {name}\ndata: {data}\n\n")));
}

/// A body that ends when its last sender is gone.
struct Events(UnboundedReceiver<Bytes>);

impl Body for Events {
    type Data = Bytes;
    type Error = vercel_runtime::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, vercel_runtime::Error>>> {
        self.0
            .poll_recv(cx)
            .map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_are_framed_and_the_body_ends_with_its_sender() {
        let (events, body) = unbounded_channel();
        send(
            &events,
            "progress",
            &json!({"stage": "writing", "text": "two\nlines"}),
        );
        drop(events);
        let text = Events(body).collect().await.unwrap().to_bytes();
        assert_eq!(
            text,
            "event: progress\ndata: {\"stage\":\"writing\",\"text\":\"two\\nlines\"}\n\n"
        );
    }
}
