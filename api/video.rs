//! `/api/video`: what rendering costs, and renders.

use catalyst::rendering::{self, ConfirmBody, ListQuery, Render, RenderBody, RenderEstimate};
use catalyst::routes::rendering::{CANCEL, CONFIRM, ESTIMATE, GET, LIST, RENDER};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&ESTIMATE, estimate),
        on(&RENDER, render),
        on(&LIST, list),
        on(&GET, get),
        on(&CONFIRM, confirm),
        on(&CANCEL, cancel),
    ])
}

/// Asks the render service what it costs; reserves nothing.
async fn estimate(
    ctx: Ctx,
    input: Input<Empty, RenderBody>,
) -> Result<Reply<RenderEstimate>, Problem> {
    let (db, user) = (ctx.db(), ctx.user().id);
    let estimate = rendering::estimate(ctx.config(), &db, user, &input.body).await?;
    Ok(Reply::ok(estimate))
}

/// Records the request and its cost; the dispatcher sends it.
async fn render(ctx: Ctx, input: Input<Empty, RenderBody>) -> Result<Reply<Render>, Problem> {
    let (db, user, once) = (ctx.db(), ctx.user().id, ctx.idempotency());
    let render = rendering::request(ctx.config(), &db, user, once, &input.body).await?;
    ctx.wake_dispatcher();
    Ok(Reply::accepted(format!("/api/video/{}", render.id), render))
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Empty>) -> Result<Reply<Page<Render>>, Problem> {
    let page = rendering::list(&ctx.db(), &input.query).await?;
    Ok(Reply::ok(page))
}

/// One render, if the caller may see it, and where to watch it.
async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Render>, Problem> {
    let render = rendering::get(&ctx.db(), ctx.path("id")?).await?;
    let token = &ctx.user().token;
    Ok(Reply::ok(
        rendering::with_preview(ctx.config(), token, render).await,
    ))
}

/// Confirms or rejects it; uploads that waited for that go on.
async fn confirm(ctx: Ctx, input: Input<Empty, ConfirmBody>) -> Result<Reply<Render>, Problem> {
    let (engine, user) = (ctx.engine(), ctx.user().id);
    let render = rendering::confirm(&engine, user, ctx.path("id")?, input.body).await?;
    ctx.wake_dispatcher();
    Ok(Reply::ok(render))
}

/// Cancels it, and says what that costs.
async fn cancel(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Render>, Problem> {
    let render = rendering::cancel(&ctx.engine(), ctx.user().id, ctx.path("id")?).await?;
    Ok(Reply::ok(render))
}
