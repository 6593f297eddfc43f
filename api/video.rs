//! `/api/video`: what rendering costs, and renders.

use catalyst::rendering::{
    self, ListQuery, Render, RenderBody, RenderChanges, RenderEstimate, VoicesQuery,
};
use catalyst::routes::rendering::{CANCEL, ESTIMATE, GET, LIST, RENDER, UPDATE, VOICES};
use clients::revid::Voice;
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&ESTIMATE, estimate),
        on(&RENDER, render),
        on(&LIST, list),
        on(&VOICES, voices),
        on(&GET, get),
        on(&UPDATE, update),
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
    let version = render.version;
    Ok(Reply::accepted(format!("/api/video/{}", render.id), render).etag(version))
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
    let render = rendering::with_preview(ctx.config(), token, render).await;
    Ok(with_etag(render))
}

/// Confirms or rejects it; uploads that waited for that go on.
async fn update(ctx: Ctx, input: Input<Empty, RenderChanges>) -> Result<Reply<Render>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    let render = rendering::update(&engine, user, ctx.path("id")?, version, input.body).await?;
    ctx.wake_dispatcher();
    Ok(with_etag(render))
}

/// Cancels it; its `error` and `cost` say what that costs.
async fn cancel(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    rendering::cancel(&engine, user, ctx.path("id")?, version).await?;
    Ok(Reply::no_content())
}

fn with_etag(render: Render) -> Reply<Render> {
    let version = render.version;
    Reply::ok(render).etag(version)
}

/// What the deployment offers.
async fn voices(ctx: Ctx, input: Input<VoicesQuery, Empty>) -> Result<Reply<Page<Voice>>, Problem> {
    rendering::voices(ctx.config(), &input.query).map(Reply::ok)
}
