//! `POST /api/video/render`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::rendering::{self, Render, RenderBody};
use catalyst::routes::rendering::RENDER;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&RENDER, render)]).await
}

/// Writes the intent and its cost down; the dispatcher sends it.
async fn render(ctx: Ctx, input: Input<Nothing, RenderBody>) -> Result<Reply<Render>, Problem> {
    let render = rendering::request(
        ctx.config(),
        &ctx.db(),
        ctx.user().id,
        ctx.idempotency(),
        &input.body,
    )
    .await?;
    ctx.wake_dispatcher();
    Ok(Reply::accepted(format!("/api/video/{}", render.id), render))
}
