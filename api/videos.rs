//! `/api/videos`: what a channel has published, and how it does.

use catalyst::routes::videos::{GET, LIST};
use catalyst::videos::{self, ListQuery, Video, VideoDetail};
use platform::endpoint::{Ctx, Empty, Input, Json, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&LIST, list), on(&GET, get)])
}

/// Lists what row level security lets the caller see.
async fn list(
    ctx: Ctx,
    input: Input<ListQuery, Empty>,
) -> Result<Reply<Json<Page<Video<'static>>>>, Problem> {
    videos::list(&ctx.db(), input.query).await.map(Reply::ok)
}

/// One video with the reason for its score.
async fn get(
    ctx: Ctx,
    _: Input<Empty, Empty>,
) -> Result<Reply<Json<VideoDetail<'static>>>, Problem> {
    videos::get(&ctx.db(), ctx.path("id")?).await.map(Reply::ok)
}
