//! `/api/webhooks`: the callers' endpoints and what was sent to them, and the render service's callback.

use catalyst::rendering;
use catalyst::routes::rendering::{CALLBACK, CallbackQuery, Received};
use catalyst::routes::webhooks::{
    CREATE, DELETE, DELIVERIES, DELIVERY, GET, LIST, REPLAY, ROTATE, TEST, UPDATE,
};
use catalyst::webhooks::{
    self, DeliveriesQuery, Delivery, Endpoint, EndpointBody, EndpointChanges, EndpointsQuery,
    NewEndpoint, NewSecret, RotateBody,
};
use clients::revid::read_callback;
use platform::endpoint::{
    AnyBody, Ctx, Empty, Input, Page, Problem, Reply, RuntimeError, on, serve,
};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&LIST, endpoints),
        on(&CREATE, create),
        on(&GET, endpoint),
        on(&UPDATE, update),
        on(&DELETE, delete),
        on(&ROTATE, rotate),
        on(&TEST, test),
        on(&DELIVERIES, deliveries),
        on(&DELIVERY, delivery),
        on(&REPLAY, replay),
        on(&CALLBACK, callback),
    ])
}

/// The caller's own.
async fn endpoints(
    ctx: Ctx,
    input: Input<EndpointsQuery, Empty>,
) -> Result<Reply<Page<Endpoint>>, Problem> {
    let page = webhooks::endpoints(&ctx.db(), &input.query).await?;
    Ok(Reply::ok(page))
}

/// Makes one, and shows its secret this once.
async fn create(
    ctx: Ctx,
    input: Input<Empty, EndpointBody>,
) -> Result<Reply<NewEndpoint>, Problem> {
    let (engine, user, once) = (ctx.engine(), ctx.user().id, ctx.idempotency());
    let new = webhooks::create(&engine, ctx.config(), user, once, &input.body).await?;
    let version = new.endpoint.version;
    let location = format!("/api/webhooks/endpoints/{}", new.endpoint.id);
    Ok(Reply::created(location, new).etag(version))
}

/// One endpoint of the caller.
async fn endpoint(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Endpoint>, Problem> {
    let endpoint = webhooks::endpoint(&ctx.db(), ctx.path("id")?).await?;
    let version = endpoint.version;
    Ok(Reply::ok(endpoint).etag(version))
}

/// Changes it.
async fn update(
    ctx: Ctx,
    input: Input<Empty, EndpointChanges>,
) -> Result<Reply<Endpoint>, Problem> {
    let (engine, config, user) = (ctx.engine(), ctx.config(), ctx.user().id);
    let (id, version) = (ctx.path("id")?, ctx.if_match()?);
    let endpoint = webhooks::update(&engine, config, user, id, version, &input.body).await?;
    let version = endpoint.version;
    Ok(Reply::ok(endpoint).etag(version))
}

/// Deletes it.
async fn delete(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let (user, version) = (ctx.user().id, ctx.if_match()?);
    webhooks::delete(&ctx.engine(), user, ctx.path("id")?, version).await?;
    Ok(Reply::no_content())
}

/// A new secret, shown this once.
async fn rotate(ctx: Ctx, input: Input<Empty, RotateBody>) -> Result<Reply<NewSecret>, Problem> {
    let (engine, config, user) = (ctx.engine(), ctx.config(), ctx.user().id);
    let (id, once) = (ctx.path("id")?, ctx.idempotency());
    let secret = webhooks::rotate(&engine, config, user, id, once, &input.body).await?;
    let location = format!("/api/webhooks/endpoints/{id}");
    Ok(Reply::created(location, secret))
}

/// Has a `ping` sent.
async fn test(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Delivery>, Problem> {
    let (engine, user, once) = (ctx.engine(), ctx.user().id, ctx.idempotency());
    let delivery = webhooks::test(&engine, user, ctx.path("id")?, once).await?;
    Ok(follow(&ctx, delivery))
}

/// The delivery is due.
fn follow(ctx: &Ctx, delivery: Delivery) -> Reply<Delivery> {
    ctx.wake_dispatcher();
    let location = format!("/api/webhooks/deliveries/{}", delivery.id);
    Reply::accepted(location, delivery)
}

/// What was sent to the caller's endpoints.
async fn deliveries(
    ctx: Ctx,
    input: Input<DeliveriesQuery, Empty>,
) -> Result<Reply<Page<Delivery>>, Problem> {
    let page = webhooks::deliveries(&ctx.db(), &input.query).await?;
    Ok(Reply::ok(page))
}

/// One delivery to an endpoint of the caller.
async fn delivery(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Delivery>, Problem> {
    let delivery = webhooks::delivery(&ctx.db(), ctx.path("id")?).await?;
    Ok(Reply::ok(delivery))
}

/// Has an event sent again.
async fn replay(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Delivery>, Problem> {
    let (engine, user, once) = (ctx.engine(), ctx.user().id, ctx.idempotency());
    let delivery = webhooks::replay(&engine, user, ctx.path("id")?, once).await?;
    Ok(follow(&ctx, delivery))
}

/// Takes a callback as a reason to ask, and as nothing else.
async fn callback(
    ctx: Ctx,
    input: Input<CallbackQuery, AnyBody>,
) -> Result<Reply<Received>, Problem> {
    let (render, token) = (input.query.render.as_deref(), input.query.token.as_deref());
    let job = read_callback(&input.body.0);
    if rendering::note_callback(&ctx.engine(), render, token, job).await? {
        ctx.wake_dispatcher();
    }
    Ok(Reply::ok(Received { received: true }))
}
