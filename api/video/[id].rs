//! `GET /api/video/{id}` and `DELETE /api/video/{id}`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::rendering::{self, Render};
use catalyst::routes::rendering::{CANCEL, GET};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&GET, get), on(&CANCEL, cancel)]).await
}

/// One render, if the caller may see it.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Render>, Problem> {
    rendering::get(&ctx.db(), ctx.path("id")?)
        .await
        .map(Reply::ok)
}

/// Gives it up, and says what that costs.
async fn cancel(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Render>, Problem> {
    rendering::cancel(&ctx.engine(), ctx.user().id, ctx.path("id")?)
        .await
        .map(Reply::ok)
}
