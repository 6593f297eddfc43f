//! A generation as server-sent events: `started`, `progress`, and at the end `content` or `problem`.
//!
//! The text itself is not sent before it was checked: the model may withdraw all of it at the very end, and a banned topic
//! is only found in the whole.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::poll_fn;
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::generate::Begun;
use super::job::Job;
use super::row::Content;
use super::write::Progress;
use platform::endpoint::{Reply, streamed};

/// Proxies close connections that are silent for longer.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Answers with the events of a generation, which runs in the background.
pub fn stream(
    begun: Begun,
    request_id: &str,
    background: impl FnOnce(BoxFuture<'static, ()>),
) -> Reply<Content> {
    let (events, mut receiver) = unbounded_channel();
    match begun {
        Begun::New(job) => {
            let started = json!({"id": job.id, "kind": job.material.kind});
            send(&events, "started", &started);
            background(Box::pin(run(job, events, request_id.to_owned())));
        }
        Begun::Replayed(content) => send(&events, "content", &content),
    }
    let events = poll_fn(move |cx| {
        receiver
            .poll_recv(cx)
            .map(|event| event.map(Ok::<_, Infallible>))
    });
    Reply::raw(streamed("text/event-stream", events))
}

/// Runs to its end also when the client disconnects: it is paid for.
async fn run(job: Box<Job>, events: UnboundedSender<Bytes>, request_id: String) {
    let progress = events.clone();
    let mut listener = move |step: Progress| send(&progress, "progress", &step);
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
    // The client may have disconnected.
    let _ = events.send(Bytes::from(format!("event: {name}\ndata: {data}\n\n")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_data() {
        let (events, mut body) = unbounded_channel();
        send(
            &events,
            "progress",
            &json!({"stage": "writing", "text": "two\nlines"}),
        );
        assert_eq!(
            body.try_recv().unwrap(),
            "event: progress\ndata: {\"stage\":\"writing\",\"text\":\"two\\nlines\"}\n\n"
        );
    }
}
