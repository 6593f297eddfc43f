//! `GET`, `POST /api/admin/failures`

use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations::failures::{self, DeadLetter, ListQuery, Settle, Settled};
use catalyst::routes::admin::{FAILURES, SETTLE_FAILURE};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&FAILURES, list), on(&SETTLE_FAILURE, settle)]).await
}

/// Lists dead letters.
async fn list(
    ctx: Ctx,
    input: Input<ListQuery, Nothing>,
) -> Result<Reply<Page<DeadLetter>>, Problem> {
    failures::list(&ctx.engine(), &input.query)
        .await
        .map(Reply::ok)
}

/// Puts one back to work or closes it.
async fn settle(ctx: Ctx, input: Input<Nothing, Settle>) -> Result<Reply<Settled>, Problem> {
    let settled =
        failures::settle(&ctx.engine(), ctx.user().id, ctx.idempotency(), &input.body).await?;
    ctx.wake_dispatcher();
    Ok(Reply::ok(settled))
}
