//! `POST /api/channels/{id}/sync`

use catalyst::channels::{self, Channel};
use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::channels::SYNC;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&SYNC, sync)]).await
}

/// Makes the step due and wakes the dispatcher.
async fn sync(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Channel>, Problem> {
    let channel = channels::request_sync(
        &ctx.engine(),
        ctx.user().id,
        ctx.path("id")?,
        ctx.idempotency(),
    )
    .await?;
    ctx.wake_dispatcher();
    Ok(Reply::accepted(
        format!("/api/channels/{}", channel.id),
        channel,
    ))
}
