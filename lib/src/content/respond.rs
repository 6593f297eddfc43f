//! A generation as the answer to its request: its result, or server-sent events.
//!
//! A stream tells how far it is and not the text, which is not sent before it was checked: the model may withdraw all of it at
//! the very end, and a banned topic is only found in the whole.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream::poll_fn};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::event::{GenerateEvent, Progress};
use super::row::{Content, State};
use super::{failure::FailureCode, job::Job};
use platform::endpoint::{Kind, Problem, Reply, streamed};

/// A generation that has begun.
#[derive(Debug)]
pub enum Begun {
    /// It has its row and its money, and only has to be written.
    New(Box<Job>),
    /// The request was sent before with the same `Idempotency-Key`: this is its result.
    Replayed(Box<Content>),
}

/// Runs a job to its end in the background, also when the client disconnects: it is paid for.
///
/// # Errors
///
/// The problem that the failure of a generation is.
pub async fn complete(
    job: Box<Job>,
    background: impl FnOnce(BoxFuture<'static, ()>),
) -> Result<Content, Problem> {
    let (done, result) = tokio::sync::oneshot::channel();
    background(Box::pin(async move {
        // The client may have disconnected.
        let _ = done.send(job.run(&mut |_| {}).await.and_then(outcome));
    }));
    result.await.map_err(Problem::internal)?
}

/// The content, or the problem that its failure is. A generation that still runs is a request in progress.
pub(super) fn outcome(content: Content) -> Result<Content, Problem> {
    let place = format!("/api/content/{}", content.id);
    if content.state == State::Generating {
        return Err(Problem::new(Kind::RequestInProgress)
            .detail("The request with this Idempotency-Key is still running.")
            .instance(place)
            .retry_after(Duration::from_secs(5)));
    }
    let Some(failure) = &content.failure else {
        return Ok(content);
    };
    let problem = Problem::new(kind_of(failure.code))
        .detail(failure.message.clone())
        .instance(place);
    let wait = failure
        .retry_at
        .and_then(|at| Duration::try_from(at.duration_since(platform::clock::now())).ok());
    Err(match wait {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    })
}

fn kind_of(code: FailureCode) -> Kind {
    match code {
        FailureCode::PromptBlocked | FailureCode::OutputBlocked | FailureCode::Recitation => {
            Kind::GenerationBlocked
        }
        FailureCode::BannedTopic => Kind::BannedTopic,
        FailureCode::RateLimited
        | FailureCode::ProviderQuotaExhausted
        | FailureCode::ProviderUnavailable => Kind::UpstreamUnavailable,
        FailureCode::ProviderRefused => Kind::UpstreamFailed,
        _ => Kind::GenerationFailed,
    }
}

/// Proxies close connections that are silent for longer.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Answers with the events of a generation, which runs in the background.
pub fn stream(
    begun: Begun,
    request_id: &str,
    background: impl FnOnce(BoxFuture<'static, ()>),
) -> Reply<GenerateEvent> {
    let (events, mut receiver) = unbounded_channel();
    match begun {
        Begun::New(mut job) => {
            job.streaming = true;
            let (id, kind) = (job.id, job.material.kind);
            send(&events, &GenerateEvent::Started { id, kind });
            background(Box::pin(run(job, events, request_id.to_owned())));
        }
        Begun::Replayed(content) => send(&events, &GenerateEvent::Content { content }),
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
    let mut listener = move |step: Progress| send(&progress, &step.into());
    let mut work = Box::pin(job.run(&mut listener));
    let content = loop {
        match tokio::time::timeout(KEEP_ALIVE, &mut work).await {
            Ok(content) => break content,
            Err(_) => {
                let _ = events.send(Bytes::from_static(b": keep-alive\n\n"));
            }
        }
    };
    let last = match content.and_then(outcome) {
        Ok(content) => GenerateEvent::Content {
            content: Box::new(content),
        },
        Err(problem) => GenerateEvent::Problem {
            problem: problem.into_body(&request_id),
        },
    };
    send(&events, &last);
}

/// One event. JSON has no line ends of its own, so its data is one line.
fn send(events: &UnboundedSender<Bytes>, event: &GenerateEvent) {
    let name = event.name();
    let data = serde_json::to_string(event).unwrap_or_default();
    // The client may have disconnected.
    let _ = events.send(Bytes::from(format!("event: {name}\ndata: {data}\n\n")));
}

#[cfg(test)]
mod tests;
