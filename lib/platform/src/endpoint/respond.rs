//! From a request to its response, whichever host brought it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, Response};
use hyper::body::Body;
use vercel_runtime::ResponseBody;

use super::call::Call;
use super::cors;
use super::ctx::Background;
use super::request::request_id;
use super::response::{add_headers, problem_response};
use super::route::Route;
use crate::problem::Problem;
use crate::telemetry::{self, Request};
use crate::trace::Trace;
use crate::{clock, config};

/// Probes of health have a log line and no record, and neither have requests of unknown paths: they may come from anybody
/// and in any number, and must not cause a single write.
const UNRECORDED: [&str; 2] = ["health.live", "health.get"];

/// Answers one request. Never fails and never panics.
pub(super) async fn respond<B>(
    routes: &[Route],
    request: http::Request<B>,
    background: Background,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<vercel_runtime::Error>,
{
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let request_id = request_id(&head.headers);
    let is_preflight = head.method == Method::OPTIONS;
    let origin = config::get()
        .ok()
        .and_then(|config| cors::allowed_origin(config, &head.headers));
    let mut call = Call::new(routes, head.uri.path(), &request_id);
    let run = call.run(head, body, Arc::clone(&background));
    let run = Trace::of_request(&request_id).follow(run);
    let result = AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));
    let code = result.as_ref().err().map(|problem| problem.kind().code());
    let error = result.as_ref().err().and_then(Problem::source_text);
    let mut response =
        result.unwrap_or_else(|problem| problem_response(problem, &request_id, &call.allow()));
    add_headers(&mut response, &request_id, call.limit.as_ref());
    cors::permit(response.headers_mut(), origin);
    let is_recorded =
        !is_preflight && call.declared.is_some() && !UNRECORDED.contains(&call.operation);
    let (operation, user) = (call.operation, call.user);
    let record = Request {
        request_id,
        at: clock::now(),
        operation,
        status: response.status().as_u16(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        code,
        error,
        user,
    };
    telemetry::log_request(&record);
    if is_recorded {
        telemetry::record(record, &*background);
    }
    response
}
