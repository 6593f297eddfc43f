//! `POST /api/webhooks/endpoints/{id}/secret`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::ROTATE;
use catalyst::webhooks::{self, NewSecret, RotateBody};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&ROTATE, rotate)]).await
}

/// A new secret, shown this once.
async fn rotate(ctx: Ctx, input: Input<Nothing, RotateBody>) -> Result<Reply<NewSecret>, Problem> {
    let id = ctx.path("id")?;
    let secret = webhooks::rotate(
        &ctx.engine(),
        ctx.config(),
        ctx.user().id,
        id,
        ctx.idempotency(),
        &input.body,
    )
    .await?;
    Ok(Reply::created(
        format!("/api/webhooks/endpoints/{id}"),
        secret,
    ))
}
