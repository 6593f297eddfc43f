//! `POST /api/channels/connect`

use catalyst::channels::connect::{self, ConnectBody, ConnectStarted};
use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::routes::channels::CONNECT;
use http::StatusCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&CONNECT, begin)]).await
}

/// Stores the consent that is about to be asked for, and says where.
async fn begin(
    ctx: Ctx,
    input: Input<Nothing, ConnectBody>,
) -> Result<Reply<ConnectStarted>, Problem> {
    let started = connect::begin(&ctx.engine(), ctx.config(), ctx.user().id, &input.body).await?;
    Ok(Reply::ok(started).status(StatusCode::CREATED))
}
