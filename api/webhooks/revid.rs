//! `POST /api/webhooks/revid`

use catalyst::clients::revid::read_callback;
use catalyst::http::{AnyBody, Ctx, Input, Problem, Reply, RuntimeError, on, serve};
use catalyst::rendering;
use catalyst::routes::rendering::{CALLBACK, CallbackQuery, Received};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&CALLBACK, callback)]).await
}

/// Takes a callback as a reason to ask, and as nothing else.
async fn callback(
    ctx: Ctx,
    input: Input<CallbackQuery, AnyBody>,
) -> Result<Reply<Received>, Problem> {
    let query = &input.query;
    let job = read_callback(&input.body.0);
    let due = rendering::note_callback(
        &ctx.engine(),
        query.render.as_deref(),
        query.token.as_deref(),
        job,
    )
    .await?;
    if due {
        ctx.wake_dispatcher();
    }
    Ok(Reply::ok(Received { received: true }))
}
