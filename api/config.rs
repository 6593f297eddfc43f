//! `GET /api/config`

use catalyst::http::{Ctx, Input, Nothing, Problem, Reply, RuntimeError, on, serve};
use catalyst::operations;
use catalyst::routes::operations::{CONFIG, PublicConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&CONFIG, config)]).await
}

async fn config(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<PublicConfig>, Problem> {
    Ok(operations::public_config(ctx.config()))
}
