//! `GET /api/videos`

use catalyst::http::{Ctx, Input, Json, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::videos::LIST;
use catalyst::videos::{self, ListQuery, Video};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list)]).await
}

/// Lists what row level security lets the caller see.
async fn list(
    ctx: Ctx,
    input: Input<ListQuery, Nothing>,
) -> Result<Reply<Json<Page<Video<'static>>>>, Problem> {
    videos::list(&ctx.db(), input.query).await.map(Reply::ok)
}
