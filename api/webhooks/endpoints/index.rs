//! `GET` and `POST /api/webhooks/endpoints`

use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::{CREATE, LIST};
use catalyst::webhooks::{self, Endpoint, EndpointBody, NewEndpoint};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list), on(&CREATE, create)]).await
}

/// The caller's own.
async fn list(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Page<Endpoint>>, Problem> {
    webhooks::endpoints(&ctx.db()).await.map(Reply::ok)
}

/// Makes one, and shows its secret this once.
async fn create(
    ctx: Ctx,
    input: Input<Nothing, EndpointBody>,
) -> Result<Reply<NewEndpoint>, Problem> {
    let user = ctx.user().id;
    let new = webhooks::create(
        &ctx.engine(),
        ctx.config(),
        user,
        ctx.idempotency(),
        &input.body,
    )
    .await?;
    let version = new.endpoint.version;
    let location = format!("/api/webhooks/endpoints/{}", new.endpoint.id);
    Ok(Reply::created(location, new).etag(version))
}
