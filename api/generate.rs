//! `POST /api/generate/{kind}`

use catalyst::content::{self, Begun, Content, ContentKind, GenerateBody, events, generate};
use catalyst::routes::content::GENERATE;
use platform::endpoint::{Ctx, Empty, Input, Problem, Reply, RuntimeError, on, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([on(&GENERATE, write)]).await
}

async fn write(ctx: Ctx, input: Input<Empty, GenerateBody>) -> Result<Reply<Content>, Problem> {
    let kind = ctx.path::<ContentKind>("kind")?;
    let begun = content::begin(&ctx, kind, input.body).await?;
    if ctx.wants_event_stream() {
        return Ok(events::stream(&ctx, begun));
    }
    let content = match begun {
        Begun::New(job) => generate::complete(&ctx, job).await?,
        Begun::Replayed(content) => *content,
    };
    let version = content.version;
    Ok(Reply::created(format!("/api/content/{}", content.id), content).etag(version))
}
