//! `GET /api/health`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations::health;
use catalyst::routes::operations::{HEALTH, Health};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&HEALTH, get)]).await
}

/// Looks at the database at most every five seconds, and at nothing else.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Health>, Problem> {
    Ok(health::health(ctx.config(), &ctx.engine()).await)
}
