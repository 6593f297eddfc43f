//! `GET /api/health/live`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::operations::{LIVE, Live};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIVE, live)]).await
}

/// Answers without asking anybody.
async fn live(_: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Live>, Problem> {
    Ok(Reply::ok(Live { status: "live" }))
}
