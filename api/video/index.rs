//! `GET /api/video`

use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::rendering::{self, ListQuery, Render};
use catalyst::routes::rendering::LIST;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list)]).await
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Nothing>) -> Result<Reply<Page<Render>>, Problem> {
    rendering::list(&ctx.db(), input.query).await.map(Reply::ok)
}
