//! `GET /api/webhooks/deliveries/{id}`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::DELIVERY;
use catalyst::webhooks::{self, Delivery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&DELIVERY, get)]).await
}

/// One delivery to an endpoint of the caller.
async fn get(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Delivery>, Problem> {
    webhooks::delivery(&ctx.db(), ctx.path("id")?)
        .await
        .map(Reply::ok)
}
