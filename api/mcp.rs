//! `/api/mcp`: the tools for programs that act for users, and where they get their tokens.

use catalyst::mcp;
use catalyst::routes::agents::{MCP, RESOURCE, Resource};
use platform::endpoint::{
    AnyBody, AnyQuery, Ctx, Empty, Input, Problem, Raw, Reply, RuntimeError, on, serve,
};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&MCP, call), on(&RESOURCE, resource)])
}

/// One request of the protocol.
async fn call(ctx: Ctx, input: Input<AnyQuery, AnyBody>) -> Result<Reply<Raw>, Problem> {
    mcp::respond(ctx, input.body.0).await
}

/// Anybody may read it.
async fn resource(ctx: Ctx, _: Input<AnyQuery, Empty>) -> Result<Reply<Resource>, Problem> {
    Ok(mcp::resource(ctx.config()))
}
