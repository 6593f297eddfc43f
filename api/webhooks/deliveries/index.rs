//! `GET /api/webhooks/deliveries`

use catalyst::http::{Ctx, Input, Nothing, Page, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::DELIVERIES;
use catalyst::webhooks::{self, DeliveriesQuery, Delivery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&DELIVERIES, list)]).await
}

/// What was sent to the caller's endpoints.
async fn list(
    ctx: Ctx,
    input: Input<DeliveriesQuery, Nothing>,
) -> Result<Reply<Page<Delivery>>, Problem> {
    webhooks::deliveries(&ctx.db(), &input.query)
        .await
        .map(Reply::ok)
}
