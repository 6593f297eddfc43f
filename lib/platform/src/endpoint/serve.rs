//! The `main` of every function: serves its operations on the host that started it.

use std::task::{Context, Poll};
use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use vercel_runtime::{AppState, Request, ResponseBody};

use super::{call::respond, ctx::Background, route::Route};
use crate::{auth, config, telemetry, uptime};

/// What `main` may end with.
pub type RuntimeError = vercel_runtime::Error;

/// Serves the operations below one path, such as `/api/channels`, until the host ends the process.
///
/// Everything that all functions share is compiled here once, the executor included.
///
/// # Errors
///
/// Only what prevents listening.
pub fn serve(routes: Vec<Route>) -> Result<(), RuntimeError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(listen(routes.into()))
}

async fn listen(routes: Arc<[Route]>) -> Result<(), RuntimeError> {
    telemetry::init();
    uptime::started();
    match config::get() {
        // While the runtime gets ready to listen.
        Ok(config) if routes.iter().any(Route::signs_in) => {
            tokio::spawn(auth::prepare(config));
        }
        Ok(_) => {}
        Err(error) => tracing::error!(error = %error, "configuration is incomplete"),
    }
    #[cfg(feature = "lambda")]
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return super::lambda::run(routes).await;
    }
    vercel_runtime::run(vercel_runtime::service_fn(
        move |request: Request, state: AppState| {
            let routes = Arc::clone(&routes);
            async move { answer(routes, request, state).await }
        },
    ))
    .await
}

async fn answer(routes: Arc<[Route]>, request: Request, state: AppState) -> Response<ResponseBody> {
    // The runtime waits for registered work only, so the request registers itself: the receiver resolves when the guard,
    // which moves into the body, is dropped.
    let (guard, done) = oneshot::channel::<()>();
    state.wait_until(async move {
        let _ = done.await;
    });
    let background: Background = Arc::new(move |work| state.wait_until(work));
    let response = respond(&routes, request, background).await;
    response.map(|body| {
        let guarded = Guarded {
            body,
            _guard: guard,
        };
        ResponseBody(guarded.boxed())
    })
}

/// A body that keeps the request's guard until it was sent.
struct Guarded {
    body: ResponseBody,
    _guard: oneshot::Sender<()>,
}

impl Body for Guarded {
    type Data = Bytes;
    type Error = RuntimeError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
