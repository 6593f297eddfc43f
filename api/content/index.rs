//! `GET /api/content`

use catalyst::content::{self, Content};
use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::content::{LIST, ListQuery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&LIST, list)]).await
}

async fn list(ctx: Ctx, input: Input<ListQuery, Nothing>) -> Result<Reply<Page<Content>>, Problem> {
    content::list(&ctx.db(), &input.query).await.map(Reply::ok)
}
