//! The tools that write drafts and render them.

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::confirm::Asked;
use super::read::answer;
use crate::agents::offer::Price;
use crate::content::{self, Begun, GenerateBody, GenerateRequest};
use crate::rendering::{self, RenderBody};
use platform::endpoint::{Ctx, Empty, Problem};

/// Offers a draft at the most that it can cost, or writes it.
pub(super) async fn generate(ctx: &Ctx, mut arguments: Arguments) -> Result<Value, Problem> {
    let asked = Asked::of(&arguments);
    let kind = arguments.required("kind")?;
    let body: GenerateBody = arguments.body()?;
    let plan = json!({"kind": kind, "channel_id": body.channel_id});
    let quote = content::quote(GenerateRequest {
        config: ctx.config(),
        db: ctx.db(),
        engine: ctx.engine(),
        user: ctx.user().id,
        idempotency: None,
        deadline: ctx.deadline(),
        kind,
        body,
    })
    .await?;
    let price = Price {
        cost_micros: quote.most().0,
        ..Price::default()
    };
    if let Some(offer) = asked.confirmed(ctx, price, &plan).await? {
        return Ok(offer);
    }
    match quote.begin().await? {
        Begun::New(job) => answer(content::complete(job, |work| ctx.background(work)).await?),
        Begun::Replayed(content) => answer(content),
    }
}

/// Asks the render service what it costs; reserves nothing.
pub(super) async fn estimate(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    let body: RenderBody = arguments.body()?;
    answer(rendering::estimate(ctx.config(), &ctx.db(), ctx.user().id, &body).await?)
}

/// Offers a render at its price, orders it, or tells how far one is.
pub(super) async fn render(ctx: &Ctx, mut arguments: Arguments) -> Result<Value, Problem> {
    let asked = Asked::of(&arguments);
    if let Some(id) = arguments.part("render_id")? {
        arguments.query::<Empty>()?;
        return answer(rendering::get(&ctx.db(), id).await?);
    }
    let body: RenderBody = arguments.body()?;
    let quote = rendering::quote(ctx.config(), &ctx.db(), &body).await?;
    let price = Price {
        credits: quote.credits().into(),
        ..Price::default()
    };
    let plan = json!({"content_id": body.content_id, "content_hash": quote.content_hash()});
    if let Some(offer) = asked.confirmed(ctx, price, &plan).await? {
        return Ok(offer);
    }
    let render = quote.order(ctx.config(), ctx.user().id, None).await?;
    ctx.wake_dispatcher();
    answer(render)
}
