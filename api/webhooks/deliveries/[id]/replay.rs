//! `POST /api/webhooks/deliveries/{id}/replay`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::REPLAY;
use catalyst::webhooks::{self, Delivery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&REPLAY, replay)]).await
}

/// Has an event sent again.
async fn replay(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Delivery>, Problem> {
    let delivery = webhooks::replay(&ctx.engine(), ctx.user().id, ctx.path("id")?).await?;
    ctx.wake_dispatcher();
    Ok(Reply::accepted(
        format!("/api/webhooks/deliveries/{}", delivery.id),
        delivery,
    ))
}
