//! `/api/generate/{kind}`: content, at once or as a stream of events.

use catalyst::content::{
    self, Begun, Content, ContentKind, GenerateBody, GenerateEvent, GenerateRequest,
};
use catalyst::routes::content::{GENERATE, GENERATE_STREAM};
use platform::endpoint::{Ctx, Empty, Input, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&GENERATE, generate), on(&GENERATE_STREAM, stream)])
}

async fn generate(ctx: Ctx, input: Input<Empty, GenerateBody>) -> Result<Reply<Content>, Problem> {
    let content = match begin(&ctx, input.body).await? {
        Begun::New(job) => content::complete(job, |work| ctx.background(work)).await?,
        Begun::Replayed(content) => *content,
    };
    let version = content.version;
    Ok(Reply::created(format!("/api/content/{}", content.id), content).etag(version))
}

async fn stream(
    ctx: Ctx,
    input: Input<Empty, GenerateBody>,
) -> Result<Reply<GenerateEvent>, Problem> {
    let begun = begin(&ctx, input.body).await?;
    let background = |work| ctx.background(work);
    Ok(content::stream(begun, ctx.request_id(), background))
}

/// Refuses what can be refused, and reserves the money.
async fn begin(ctx: &Ctx, body: GenerateBody) -> Result<Begun, Problem> {
    content::begin(GenerateRequest {
        config: ctx.config(),
        db: ctx.db(),
        engine: ctx.engine(),
        user: ctx.user().id,
        idempotency: ctx.idempotency(),
        deadline: ctx.deadline(),
        kind: ctx.path::<ContentKind>("kind")?,
        body,
    })
    .await
}
