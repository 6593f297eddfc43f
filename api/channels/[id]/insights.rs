//! `GET /api/channels/{id}/insights`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::videos::INSIGHTS;
use catalyst::videos::{self, Insights};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&INSIGHTS, insights)]).await
}

/// What the channel's scores say as a whole.
async fn insights(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Insights>, Problem> {
    Ok(Reply::ok(
        videos::insights(&ctx.db(), ctx.path("id")?).await?,
    ))
}
