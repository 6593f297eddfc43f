//! `GET /api/openapi.json`

use catalyst::http::{Ctx, Input, Nothing, Problem, Raw, Reply, RuntimeError, on, serve};
use catalyst::operations;
use catalyst::routes::operations::OPENAPI;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&OPENAPI, openapi)]).await
}

async fn openapi(_: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Raw>, Problem> {
    Ok(operations::openapi())
}
