//! `GET`, `PATCH`, `DELETE /api/schedule/{id}`: look at, move and cancel one upload.

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::publishing::uploads::{self, EditBody, Upload};
use catalyst::routes::publishing::{CANCEL, EDIT, GET};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&GET, get), on(&EDIT, edit), on(&CANCEL, cancel)]).await
}

async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Upload>, Problem> {
    uploads::get(&ctx.db(), ctx.path("id")?)
        .await
        .map(with_etag)
}

/// A new time or a resumed upload makes its step due.
async fn edit(ctx: Ctx, input: Input<Nothing, EditBody>) -> Result<Reply<Upload>, Problem> {
    let (id, version) = (ctx.path("id")?, ctx.if_match()?);
    let upload = uploads::edit(
        &ctx.db(),
        &ctx.engine(),
        ctx.user().id,
        id,
        version,
        input.body,
    )
    .await?;
    ctx.wake_dispatcher();
    Ok(with_etag(upload))
}

/// What is on YouTube already is kept private by the step.
async fn cancel(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Upload>, Problem> {
    let upload = uploads::cancel(
        &ctx.engine(),
        ctx.user().id,
        ctx.path("id")?,
        ctx.if_match()?,
    )
    .await?;
    ctx.wake_dispatcher();
    Ok(with_etag(upload))
}

fn with_etag(upload: Upload) -> Reply<Upload> {
    let version = upload.version;
    Reply::ok(upload).etag(version)
}
