//! `POST /api/webhooks/endpoints/{id}/test`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::webhooks::TEST;
use catalyst::webhooks::{self, Delivery};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&TEST, test)]).await
}

/// Has a `ping` sent.
async fn test(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Delivery>, Problem> {
    let delivery = webhooks::test(&ctx.engine(), ctx.user().id, ctx.path("id")?).await?;
    ctx.wake_dispatcher();
    Ok(Reply::accepted(
        format!("/api/webhooks/deliveries/{}", delivery.id),
        delivery,
    ))
}
