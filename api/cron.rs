//! `POST /api/cron/dispatch`

use catalyst::pipeline::dispatcher;
use catalyst::routes::service::{DISPATCH, Dispatched};
use http::StatusCode;
use platform::endpoint::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&DISPATCH, dispatch)]).await
}

/// Answers at once and works on after the answer.
async fn dispatch(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Dispatched>, Problem> {
    ctx.background(dispatcher::dispatch(ctx.config()));
    Ok(Reply::ok(Dispatched { status: "accepted" }).status(StatusCode::ACCEPTED))
}
