//! `/api/schedule`: what is published when, the free slots, and the calendar for calendar programs.

use catalyst::publishing::feed::{self, Calendar};
use catalyst::publishing::{
    self, CategoriesQuery, Category, FreeSlot, ListQuery, ScheduleBody, SlotsQuery, Upload,
    UploadChanges,
};
use catalyst::routes::publishing::{
    CANCEL, CATEGORIES, CREATE, CREATE_CALENDAR, DELETE_CALENDAR, GET, LIST, READ_CALENDAR, SLOTS,
    UPDATE,
};
use platform::endpoint::{
    AnyQuery, Ctx, Empty, Input, Page, Problem, Raw, Reply, RuntimeError, on, serve,
};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&LIST, list),
        on(&CREATE, create),
        on(&GET, get),
        on(&UPDATE, update),
        on(&CANCEL, cancel),
        on(&SLOTS, slots),
        on(&CATEGORIES, categories),
        on(&READ_CALENDAR, read_calendar),
        on(&CREATE_CALENDAR, create_calendar),
        on(&DELETE_CALENDAR, delete_calendar),
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
async fn update(ctx: Ctx, input: Input<Empty, UploadChanges>) -> Result<Reply<Upload>, Problem> {
    let (db, engine, user) = (ctx.db(), ctx.engine(), ctx.user().id);
    let (id, version) = (ctx.path("id")?, ctx.if_match()?);
    let upload = publishing::update(&db, &engine, user, id, version, input.body).await?;
    ctx.wake_dispatcher();
    Ok(with_etag(upload))
}

/// What is on YouTube already is kept private by the step.
async fn cancel(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    let upload = publishing::cancel(&engine, user, ctx.path("id")?, version).await?;
    ctx.wake_dispatcher();
    Ok(match upload.cancelling {
        true => Reply::follow(format!("/api/schedule/{}", upload.id)),
        false => Reply::no_content(),
    })
}

fn with_etag(upload: Upload) -> Reply<Upload> {
    let version = upload.version;
    Reply::ok(upload).etag(version)
}

async fn slots(
    ctx: Ctx,
    input: Input<SlotsQuery, Empty>,
) -> Result<Reply<Page<FreeSlot>>, Problem> {
    let slots = publishing::free_slots(&ctx.db(), &ctx.engine(), input.query).await?;
    Ok(Reply::ok(slots))
}

async fn categories(
    _: Ctx,
    input: Input<CategoriesQuery, Empty>,
) -> Result<Reply<Page<Category>>, Problem> {
    publishing::categories(&input.query).map(Reply::ok)
}

/// Anybody who has the address may read it.
async fn read_calendar(ctx: Ctx, _: Input<AnyQuery, Empty>) -> Result<Reply<Raw>, Problem> {
    let secret: String = ctx.path("secret")?;
    feed::read(&ctx.engine(), &secret, ctx.headers()).await
}

async fn create_calendar(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Calendar>, Problem> {
    let (user, once) = (ctx.user().id, ctx.idempotency());
    let calendar = feed::create(&ctx.engine(), user, once, &ctx.config().app.url).await?;
    Ok(Reply::created("/api/schedule/calendar", calendar))
}

async fn delete_calendar(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    feed::delete(&ctx.engine(), ctx.user().id).await?;
    Ok(Reply::no_content())
}
