//! `/api/channels`: connecting, settings, synchronising, insights, brand voices.

use catalyst::channels::connect::{
    self, Callback, ConnectBody, ConnectStarted, ConnectedChannel, FinishBody,
};
use catalyst::channels::erase;
use catalyst::channels::{self, BrandVoiceVersion, BrandVoicesQuery, Channel, ChannelChanges};
use catalyst::routes::channels::{
    BRAND_VOICES, CALLBACK, CONNECT, DELETE, FINISH, GET, LIST, ListQuery, SYNC, UPDATE,
};
use catalyst::routes::videos::INSIGHTS;
use catalyst::sync;
use catalyst::videos::{self, Insights};
use platform::endpoint::{Ctx, Empty, Input, Page, Problem, Raw, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&LIST, list),
        on(&CONNECT, begin),
        on(&CALLBACK, hand_on),
        on(&FINISH, finish),
        on(&GET, get),
        on(&UPDATE, update),
        on(&DELETE, delete),
        on(&SYNC, sync_now),
        on(&INSIGHTS, insights),
        on(&BRAND_VOICES, brand_voices),
    ])
}

/// Lists what row level security lets the caller see.
async fn list(ctx: Ctx, input: Input<ListQuery, Empty>) -> Result<Reply<Page<Channel>>, Problem> {
    let query = input.query;
    channels::list(&ctx.db(), query.cursor.as_deref(), query.limit)
        .await
        .map(Reply::ok)
}

/// Stores the consent that is about to be asked for, and says where.
async fn begin(
    ctx: Ctx,
    input: Input<Empty, ConnectBody>,
) -> Result<Reply<ConnectStarted>, Problem> {
    let started = connect::begin(&ctx.engine(), ctx.config(), ctx.user().id, &input.body).await?;
    Ok(Reply::ok(started))
}

/// Decides nothing: the page that it leads to finishes the consent.
async fn hand_on(ctx: Ctx, input: Input<Callback, Empty>) -> Result<Reply<Raw>, Problem> {
    connect::hand_on(ctx.config(), &input.query)
}

/// Exchanges the code of a consent that the caller has started.
async fn finish(
    ctx: Ctx,
    input: Input<Empty, FinishBody>,
) -> Result<Reply<ConnectedChannel>, Problem> {
    let (engine, user, deadline) = (ctx.engine(), ctx.user().id, ctx.deadline());
    let connected = connect::finish(&engine, ctx.config(), user, &input.body, deadline).await?;
    ctx.wake_dispatcher();
    let version = connected.channel.version;
    Ok(Reply::ok(connected).etag(version))
}

/// One channel as the caller may see it.
async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Channel>, Problem> {
    let channel = channels::get(&ctx.db(), ctx.path("id")?).await?;
    Ok(Reply::ok(channel.clone()).etag(channel.version))
}

/// Changes settings, for owners and editors.
async fn update(ctx: Ctx, input: Input<Empty, ChannelChanges>) -> Result<Reply<Channel>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    let channel = channels::update(&engine, user, ctx.path("id")?, version, &input.body).await?;
    Ok(Reply::ok(channel.clone()).etag(channel.version))
}

/// Ends the grant at Google and erases, for owners.
async fn delete(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let (engine, user, version) = (ctx.engine(), ctx.user().id, ctx.if_match()?);
    let id = ctx.path("id")?;
    let erased = erase::channel(&engine, ctx.config(), user, id, version).await?;
    Ok(erased.reply(&ctx, &format!("/api/channels/{id}")))
}

/// Makes the step due and wakes the dispatcher.
async fn sync_now(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Channel>, Problem> {
    let (engine, user) = (ctx.engine(), ctx.user().id);
    let channel = sync::request(&engine, user, ctx.path("id")?, ctx.idempotency()).await?;
    ctx.wake_dispatcher();
    let location = format!("/api/channels/{}", channel.id);
    Ok(Reply::accepted(location, channel))
}

/// What the channel's scores say as a whole.
async fn insights(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Insights>, Problem> {
    let insights = videos::insights(&ctx.db(), ctx.path("id")?).await?;
    Ok(Reply::ok(insights))
}

async fn brand_voices(
    ctx: Ctx,
    input: Input<BrandVoicesQuery, Empty>,
) -> Result<Reply<Page<BrandVoiceVersion>>, Problem> {
    let id = ctx.path("id")?;
    channels::brand_voices(&ctx.db(), id, &input.query)
        .await
        .map(Reply::ok)
}
