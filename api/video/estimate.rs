//! `POST /api/video/estimate`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::rendering::{self, RenderBody, RenderEstimate};
use catalyst::routes::rendering::ESTIMATE;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&ESTIMATE, estimate)]).await
}

/// Asks the render service what it would cost; reserves nothing.
async fn estimate(
    ctx: Ctx,
    input: Input<Nothing, RenderBody>,
) -> Result<Reply<RenderEstimate>, Problem> {
    rendering::estimate(ctx.config(), &ctx.db(), ctx.user().id, &input.body)
        .await
        .map(Reply::ok)
}
