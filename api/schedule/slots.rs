//! `GET /api/schedule/slots`: when a channel's next video may go out.

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::publishing::uploads::{self, FreeSlots, SlotsQuery};
use catalyst::routes::publishing::SLOTS;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&SLOTS, slots)]).await
}

async fn slots(ctx: Ctx, input: Input<SlotsQuery, Nothing>) -> Result<Reply<FreeSlots>, Problem> {
    uploads::free_slots(&ctx.db(), &ctx.engine(), input.query)
        .await
        .map(Reply::ok)
}
