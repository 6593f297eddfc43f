//! `GET`, `PATCH` and `DELETE /api/webhooks/endpoints/{id}`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::{DELETE, GET, UPDATE};
use catalyst::webhooks::{self, Endpoint, EndpointChanges};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&GET, get), on(&UPDATE, update), on(&DELETE, delete)]).await
}

/// One endpoint of the caller.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Endpoint>, Problem> {
    let endpoint = webhooks::endpoint(&ctx.db(), ctx.path("id")?).await?;
    let version = endpoint.version;
    Ok(Reply::ok(endpoint).etag(version))
}

/// Changes it.
async fn update(
    ctx: Ctx,
    input: Input<Nothing, EndpointChanges>,
) -> Result<Reply<Endpoint>, Problem> {
    let endpoint = webhooks::update(
        &ctx.engine(),
        ctx.config(),
        ctx.user().id,
        ctx.path("id")?,
        ctx.if_match()?,
        &input.body,
    )
    .await?;
    let version = endpoint.version;
    Ok(Reply::ok(endpoint).etag(version))
}

/// Deletes it.
async fn delete(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Nothing>, Problem> {
    let (user, version) = (ctx.user().id, ctx.if_match()?);
    webhooks::delete(&ctx.engine(), user, ctx.path("id")?, version).await?;
    Ok(Reply::no_content())
}
