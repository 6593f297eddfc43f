//! `GET /api/channels`

use catalyst::channels::{self, Channel};
use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::channels::{LIST, ListQuery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list)]).await
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Nothing>) -> Result<Reply<Page<Channel>>, Problem> {
    let query = input.query;
    channels::list(&ctx.db(), query.cursor.as_deref(), query.limit)
        .await
        .map(Reply::ok)
}
