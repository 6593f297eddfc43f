//! `POST /api/generate/{kind}`

use catalyst::content::{self, Begun, Content, ContentKind, GenerateBody, GenerateRequest, stream};
use catalyst::routes::content::GENERATE;
use platform::endpoint::{Ctx, Empty, Input, Problem, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![on(&GENERATE, generate)])
}

async fn generate(ctx: Ctx, input: Input<Empty, GenerateBody>) -> Result<Reply<Content>, Problem> {
    let begun = content::begin(GenerateRequest {
        config: ctx.config(),
        db: ctx.db(),
        engine: ctx.engine(),
        user: ctx.user().id,
        idempotency: ctx.idempotency(),
        deadline: ctx.deadline(),
        kind: ctx.path::<ContentKind>("kind")?,
        body: input.body,
    })
    .await?;
    if ctx.wants_event_stream() {
        return Ok(stream(begun, ctx.request_id(), |work| {
            ctx.background(work);
        }));
    }
    let content = match begun {
        Begun::New(job) => content::complete(job, |work| ctx.background(work)).await?,
        Begun::Replayed(content) => *content,
    };
    let version = content.version;
    Ok(Reply::created(format!("/api/content/{}", content.id), content).etag(version))
}
