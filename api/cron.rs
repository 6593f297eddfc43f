//! `POST /api/cron/dispatch`

use catalyst::pipeline::dispatcher;
use catalyst::routes::service::{DISPATCH, Dispatched};
use catalyst::steps;
use http::StatusCode;
use platform::endpoint::{Ctx, Empty, Input, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&DISPATCH, dispatch)])
}

/// Answers at once and works on after the answer.
async fn dispatch(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Dispatched>, Problem> {
    ctx.background(dispatcher::dispatch(ctx.config(), steps::run));
    Ok(Reply::ok(Dispatched { status: "accepted" }).status(StatusCode::ACCEPTED))
}
