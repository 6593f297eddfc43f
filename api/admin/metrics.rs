//! `GET /api/admin/metrics`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations::metrics::{self, Metrics};
use catalyst::routes::admin::METRICS;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&METRICS, get)]).await
}

/// The last 24 hours, as JSON or as OpenMetrics text.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Metrics>, Problem> {
    let metrics = metrics::metrics(&ctx.engine()).await?;
    Ok(metrics::reply(metrics, ctx.header("accept")))
}
