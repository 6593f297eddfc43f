//! `GET`, `PATCH`, `DELETE /api/channels/{id}`

use catalyst::channels::erase::{self, Erased};
use catalyst::channels::{self, Channel, ChannelChanges};
use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::channels::{DISCONNECT, GET, UPDATE};
use http::StatusCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([
        on(&GET, get),
        on(&UPDATE, update),
        on(&DISCONNECT, disconnect),
    ])
    .await
}

/// One channel as the caller may see it.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Channel>, Problem> {
    let channel = channels::get(&ctx.db(), ctx.path("id")?).await?;
    Ok(Reply::ok(channel.clone()).etag(channel.version))
}

/// Changes settings, for owners and editors.
async fn update(
    ctx: Ctx,
    input: Input<Nothing, ChannelChanges>,
) -> Result<Reply<Channel>, Problem> {
    let channel = channels::update(
        &ctx.engine(),
        ctx.user().id,
        ctx.path("id")?,
        ctx.if_match()?,
        &input.body,
    )
    .await?;
    Ok(Reply::ok(channel.clone()).etag(channel.version))
}

/// Ends the grant at Google and erases, for owners.
async fn disconnect(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Nothing>, Problem> {
    let erased = erase::channel(
        &ctx.engine(),
        ctx.config(),
        ctx.user().id,
        ctx.path("id")?,
        ctx.if_match()?,
    )
    .await?;
    Ok(match erased {
        Erased::Now => Reply::no_content(),
        Erased::Soon => {
            ctx.wake_dispatcher();
            Reply::no_content().status(StatusCode::ACCEPTED)
        }
    })
}
