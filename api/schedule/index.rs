//! `GET`, `POST /api/schedule`: the calendar, and one more video on it.

use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::publishing::uploads::{self, ListQuery, ScheduleBody, Upload};
use catalyst::routes::publishing::{CREATE, LIST};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list), on(&CREATE, create)]).await
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Nothing>) -> Result<Reply<Page<Upload>>, Problem> {
    uploads::list(&ctx.db(), input.query).await.map(Reply::ok)
}

/// Schedules a render and wakes the dispatcher, which may upload it at once.
async fn create(ctx: Ctx, input: Input<Nothing, ScheduleBody>) -> Result<Reply<Upload>, Problem> {
    let upload = uploads::schedule(
        &ctx.db(),
        &ctx.engine(),
        ctx.user().id,
        ctx.idempotency(),
        input.body,
    )
    .await?;
    ctx.wake_dispatcher();
    let version = upload.version;
    Ok(Reply::created(format!("/api/schedule/{}", upload.id), upload).etag(version))
}
