//! `GET /api/videos/{id}`

use catalyst::http::{Ctx, Input, Json, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::videos::GET;
use catalyst::videos::{self, VideoDetail};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&GET, get)]).await
}

/// One video with the reason for its score.
async fn get(
    ctx: Ctx,
    _: Input<Nothing, Nothing>,
) -> Result<Reply<Json<VideoDetail<'static>>>, Problem> {
    videos::get(&ctx.db(), ctx.path("id")?).await.map(Reply::ok)
}
