//! Records of requests.

use futures_util::future::BoxFuture;

use super::recorder;
use super::records::Request;

/// Keeps a request's record, which is written after the answer: `keep` holds the instance until then.
pub(crate) fn record(request: Request, keep: &dyn Fn(BoxFuture<'static, ()>)) {
    let end_of_flush = recorder::request(request);
    // The second host works off before its answer whatever it is given to keep, so it is given nothing: it writes while it
    // answers the next request.
    if let Some(end) = end_of_flush
        && std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none()
    {
        keep(Box::pin(end));
    }
}
