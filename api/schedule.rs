//! `/api/schedule`: what is published when, the free slots, and the calendar for calendar programs.

use catalyst::publishing::feed::{self, Feed};
use catalyst::publishing::{
    self, EditBody, FreeSlots, ListQuery, ScheduleBody, SlotsQuery, Upload,
};
use catalyst::routes::publishing::{
    CALENDAR, CANCEL, CREATE, EDIT, GET, LIST, REVOKE_CALENDAR, ROTATE_CALENDAR, SLOTS,
};
use platform::endpoint::{
    AnyQuery, Ctx, Empty, Input, Page, Problem, Raw, Reply, RuntimeError, on, serve,
};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&LIST, list),
        on(&CREATE, create),
        on(&GET, get),
        on(&EDIT, edit),
        on(&CANCEL, cancel),
        on(&SLOTS, slots),
        on(&CALENDAR, calendar),
        on(&ROTATE_CALENDAR, rotate),
        on(&REVOKE_CALENDAR, revoke),
    ])
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Empty>) -> Result<Reply<Page<Upload>>, Problem> {
    let page = publishing::list(&ctx.db(), input.query).await?;
    Ok(Reply::ok(page))
}

/// Schedules a render and wakes the dispatcher, which may upload it at once.
async fn create(ctx: Ctx, input: Input<Empty, ScheduleBody>) -> Result<Reply<Upload>, Problem> {
    let (db, engine, user) = (ctx.db(), ctx.engine(), ctx.user().id);
    let upload = publishing::schedule(&db, &engine, user, ctx.idempotency(), input.body).await?;
    ctx.wake_dispatcher();
    let version = upload.version;
    Ok(Reply::created(format!("/api/schedule/{}", upload.id), upload).etag(version))
}

async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Upload>, Problem> {
    let upload = publishing::get(&ctx.db(), ctx.path("id")?).await?;
    Ok(with_etag(upload))
}

/// A new time or a resumed upload makes its step due.
async fn edit(ctx: Ctx, input: Input<Empty, EditBody>) -> Result<Reply<Upload>, Problem> {
    let (db, engine, user) = (ctx.db(), ctx.engine(), ctx.user().id);
    let (id, version) = (ctx.path("id")?, ctx.if_match()?);
    let upload = publishing::edit(&db, &engine, user, id, version, input.body).await?;
    ctx.wake_dispatcher();
    Ok(with_etag(upload))
}

/// What is on YouTube already is kept private by the step.
async fn cancel(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Upload>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    let upload = publishing::cancel(&engine, user, ctx.path("id")?, version).await?;
    ctx.wake_dispatcher();
    Ok(with_etag(upload))
}

fn with_etag(upload: Upload) -> Reply<Upload> {
    let version = upload.version;
    Reply::ok(upload).etag(version)
}

async fn slots(ctx: Ctx, input: Input<SlotsQuery, Empty>) -> Result<Reply<FreeSlots>, Problem> {
    let slots = publishing::free_slots(&ctx.db(), &ctx.engine(), input.query).await?;
    Ok(Reply::ok(slots))
}

/// Anybody who has the address may read it.
async fn calendar(ctx: Ctx, _: Input<AnyQuery, Empty>) -> Result<Reply<Raw>, Problem> {
    let secret: String = ctx.path("secret")?;
    feed::read(&ctx.engine(), &secret, ctx.headers()).await
}

async fn rotate(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Feed>, Problem> {
    let feed = feed::rotate(&ctx.engine(), ctx.user().id, &ctx.config().app.url).await?;
    Ok(Reply::created("/api/schedule/calendar", feed))
}

async fn revoke(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    feed::revoke(&ctx.engine(), ctx.user().id).await?;
    Ok(Reply::no_content())
}
