//! `GET /api/health`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations;
use catalyst::routes::operations::{HEALTH, Health};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&HEALTH, health)]).await
}

async fn health(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Health>, Problem> {
    Ok(operations::health(&ctx.engine()).await)
}
