//! `/api/videos`: what a channel has published, and how it does.

use catalyst::routes::videos::{GET, LIST};
use catalyst::videos::{self, ListQuery, Video, VideoDetail};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&LIST, list), on(&GET, get)])
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Empty>) -> Result<Reply<Page<Video>>, Problem> {
    Ok(Reply::ok(videos::list(&ctx.db(), &input.query).await?))
}

/// One video with the reason for its score.
async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<VideoDetail>, Problem> {
    Ok(Reply::ok(videos::get(&ctx.db(), ctx.path("id")?).await?))
}
