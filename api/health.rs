//! `/api/health`, `/api/health/live` and `/api/config`. Every path that no function has comes here too (`vercel.json`), so
//! that an unknown one is answered with a problem like any other.

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations::{self, health};
use catalyst::routes::operations::{CONFIG, HEALTH, Health, LIVE, Live, PublicConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&HEALTH, get), on(&LIVE, live), on(&CONFIG, config)]).await
}

/// Looks at the database at most every five seconds, and at nothing else.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Health>, Problem> {
    Ok(health::health(ctx.config(), &ctx.engine()).await)
}

/// Answers without asking anybody.
async fn live(_: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Live>, Problem> {
    Ok(Reply::ok(Live { status: "live" }))
}

async fn config(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<PublicConfig>, Problem> {
    Ok(operations::public_config(ctx.config()))
}
