//! `/api/health`, `/api/health/live` and `/api/config`. Every path that no function has comes here too (`vercel.json`), so
//! that an unknown one is answered with a problem like any other.

use catalyst::monitoring::{Health, PublicConfig, health, public_config};
use catalyst::routes::service::{CONFIG, HEALTH, LIVE, Live};
use platform::endpoint::{Ctx, Empty, Input, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&HEALTH, get), on(&LIVE, live), on(&CONFIG, config)])
}

/// Asks the database at most every five seconds, and nobody else.
async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Health>, Problem> {
    Ok(health::health(ctx.config(), &ctx.engine()).await)
}

/// Answers without asking anybody.
async fn live(_: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Live>, Problem> {
    Ok(Reply::ok(Live { status: "live" }))
}

async fn config(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<PublicConfig>, Problem> {
    Ok(public_config(ctx.config()))
}
