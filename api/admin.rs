//! `/api/admin/metrics` and `/api/admin/failures`

use catalyst::monitoring::dead_letters::{self, DeadLetter, ListQuery, Resolve, Resolved};
use catalyst::monitoring::metrics::{self, Metrics};
use catalyst::routes::admin::{FAILURES, METRICS, RESOLVE_FAILURE};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&METRICS, metrics),
        on(&FAILURES, failures),
        on(&RESOLVE_FAILURE, resolve),
    ])
}

/// The last 24 hours, as JSON or as OpenMetrics text.
async fn metrics(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Metrics>, Problem> {
    let metrics = metrics::metrics(&ctx.engine()).await?;
    Ok(metrics::reply(metrics, ctx.header("accept")))
}

/// Lists dead letters.
async fn failures(
    ctx: Ctx,
    input: Input<ListQuery, Empty>,
) -> Result<Reply<Page<DeadLetter>>, Problem> {
    let page = dead_letters::list(&ctx.engine(), &input.query).await?;
    Ok(Reply::ok(page))
}

/// Puts one back to work or closes it.
async fn resolve(ctx: Ctx, input: Input<Empty, Resolve>) -> Result<Reply<Resolved>, Problem> {
    let (engine, user, once) = (ctx.engine(), ctx.user().id, ctx.idempotency());
    let resolved = dead_letters::resolve(&engine, user, once, &input.body).await?;
    ctx.wake_dispatcher();
    Ok(Reply::ok(resolved))
}
