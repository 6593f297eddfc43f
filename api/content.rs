//! `/api/content`: generated content, its approval and its edits.

use catalyst::content::{
    self, Content, ContentChanges, ContentDetail, ContentDiff, ContentSummary, DiffQuery, ListQuery,
};
use catalyst::routes::content::{ARCHIVE, DIFF, GET, LIST, UPDATE};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};
use platform::ids::ContentId;

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&LIST, list),
        on(&GET, get),
        on(&DIFF, diff),
        on(&UPDATE, update),
        on(&ARCHIVE, archive),
    ])
}

async fn list(
    ctx: Ctx,
    input: Input<ListQuery, Empty>,
) -> Result<Reply<Page<ContentSummary>>, Problem> {
    content::list(&ctx.db(), &input.query).await.map(Reply::ok)
}

async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<ContentDetail>, Problem> {
    let detail = content::get(&ctx.db(), &ctx.engine(), ctx.path("id")?).await?;
    let version = detail.content.version;
    Ok(Reply::ok(detail).etag(version))
}

async fn diff(ctx: Ctx, input: Input<DiffQuery, Empty>) -> Result<Reply<ContentDiff>, Problem> {
    let id = ctx.path::<ContentId>("id")?;
    let diff = content::diff(&ctx.db(), &ctx.engine(), id, &input.query).await?;
    Ok(Reply::ok(diff))
}

async fn update(ctx: Ctx, input: Input<Empty, ContentChanges>) -> Result<Reply<Content>, Problem> {
    let id = ctx.path::<ContentId>("id")?;
    let (db, engine, user) = (ctx.db(), ctx.engine(), ctx.user().id);
    let content = content::update(&db, &engine, user, id, ctx.if_match()?, input.body).await?;
    let (version, location) = (content.version, format!("/api/content/{}", content.id));
    Ok(Reply::ok(content)
        .header(http::header::LOCATION, &location)
        .etag(version))
}

async fn archive(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let id = ctx.path::<ContentId>("id")?;
    content::archive(&ctx.engine(), ctx.user().id, id, ctx.if_match()?).await?;
    Ok(Reply::no_content())
}
