//! `/api/admin/metrics` and `/api/admin/failures`

use catalyst::monitoring::dead_letters::{self, DeadLetter, ListQuery, Settle, Settled};
use catalyst::monitoring::metrics::{self, Metrics};
use catalyst::routes::admin::{FAILURES, METRICS, SETTLE_FAILURE};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&METRICS, metrics),
        on(&FAILURES, failures),
        on(&SETTLE_FAILURE, settle),
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
async fn settle(ctx: Ctx, input: Input<Empty, Settle>) -> Result<Reply<Settled>, Problem> {
    let (engine, user, once) = (ctx.engine(), ctx.user().id, ctx.idempotency());
    let settled = dead_letters::settle(&engine, user, once, &input.body).await?;
    ctx.wake_dispatcher();
    Ok(Reply::ok(settled))
}
