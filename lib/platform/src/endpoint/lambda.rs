//! The second host: AWS Lambda, with the cargo feature `lambda` and when `AWS_LAMBDA_RUNTIME_API` is set.
//!
//! Lambda freezes an instance once it has answered, so work that the first host does after the answer is done before it
//! here: a dispatch answers when its budget ends.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{BoxFuture, join_all};
use http_body_util::{BodyExt, Full};
use lambda_http::{Body, Request, Response};

use super::{call::respond, route::Route};

type RuntimeError = vercel_runtime::Error;

/// Serves until the host ends the process.
///
/// # Errors
///
/// Only what prevents polling the host.
pub(super) async fn run(routes: Arc<[Route]>) -> Result<(), RuntimeError> {
    lambda_http::run(lambda_http::service_fn(move |request: Request| {
        let routes = Arc::clone(&routes);
        async move { answer(&routes, request).await }
    }))
    .await
}

async fn answer(routes: &[Route], request: Request) -> Result<Response<Body>, RuntimeError> {
    let work: Arc<Mutex<Vec<BoxFuture<'static, ()>>>> = Arc::default();
    let collected = Arc::clone(&work);
    let background = Arc::new(move |future| {
        collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(future);
    });
    let request = request.map(|body| Full::new(bytes::Bytes::copy_from_slice(body.as_ref())));
    let (head, body) = respond(routes, request, background).await.into_parts();
    let body = body.collect().await?.to_bytes();
    let work = std::mem::take(&mut *work.lock().unwrap_or_else(PoisonError::into_inner));
    join_all(work).await;
    Ok(Response::from_parts(head, Body::from(body.to_vec())))
}
