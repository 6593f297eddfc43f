//! `GET`, `POST`, `DELETE /api/schedule/calendar`: the calendar for calendar programs, under a secret address.

use catalyst::http::{Ctx, Input, Nothing, Problem, Raw, Reply, RuntimeError, on, serve};
use catalyst::publishing::feed::{self, Feed, FeedQuery};
use catalyst::routes::publishing::{CALENDAR, REVOKE_CALENDAR, ROTATE_CALENDAR};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    serve([
        on(&CALENDAR, calendar),
        on(&ROTATE_CALENDAR, rotate),
        on(&REVOKE_CALENDAR, revoke),
    ])
    .await
}

/// Anybody who has the address may read it.
async fn calendar(ctx: Ctx, input: Input<FeedQuery, Nothing>) -> Result<Reply<Raw>, Problem> {
    feed::read(&ctx.engine(), &input.query).await
}

async fn rotate(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Feed>, Problem> {
    let feed = feed::rotate(&ctx.engine(), ctx.user().id, &ctx.config().app.url).await?;
    Ok(Reply::created("/api/schedule/calendar", feed))
}

async fn revoke(ctx: Ctx, _: Input<Nothing, Nothing>) -> Result<Reply<Nothing>, Problem> {
    feed::revoke(&ctx.engine(), ctx.user().id).await?;
    Ok(Reply::no_content())
}
