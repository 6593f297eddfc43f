//! `GET /api/me/export`

use catalyst::accounts::export::{self, ExportQuery};
use catalyst::http::{Ctx, Input, Nothing, Problem, Raw, Reply, RuntimeError, on, serve};
use catalyst::routes::accounts::EXPORT;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&EXPORT, take_out)]).await
}

/// Everything that is held about the caller, as it is read.
async fn take_out(ctx: Ctx, input: Input<ExportQuery, Nothing>) -> Result<Reply<Raw>, Problem> {
    export::stream(&ctx, &input.query).await
}
