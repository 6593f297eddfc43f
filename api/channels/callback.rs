//! `GET /api/channels/callback`

use catalyst::channels::connect::Callback;
use catalyst::channels::landing;
use catalyst::http::{Ctx, Input, Nothing, Problem, Raw, Reply, RuntimeError, on, serve};
use catalyst::routes::channels::CALLBACK;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&CALLBACK, land)]).await
}

/// Finishes the consent and tells whoever called, in the form they understand.
async fn land(ctx: Ctx, input: Input<Callback, Nothing>) -> Result<Reply<Raw>, Problem> {
    landing::land(&ctx, &input.query).await
}
