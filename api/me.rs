//! `/api/me` and `/api/me/export`

use catalyst::accounts::export::{self, ExportQuery};
use catalyst::accounts::{self, Me, MeChanges};
use catalyst::channels::erase;
use catalyst::routes::accounts::{ERASE, EXPORT, GET, UPDATE};
use platform::endpoint::{Ctx, Empty, Input, Problem, Raw, Reply, RuntimeError, on, serve};

fn main() -> Result<(), RuntimeError> {
    serve(vec![
        on(&GET, get),
        on(&UPDATE, update),
        on(&ERASE, erase),
        on(&EXPORT, take_out),
    ])
}

/// The caller's own row, limits, usage and budgets.
async fn get(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Me>, Problem> {
    let me = accounts::get(&ctx.db(), &ctx.engine(), ctx.config(), ctx.user().id).await?;
    Ok(Reply::ok(me.clone()).etag(me.version))
}

/// Changes name and time zone.
async fn update(ctx: Ctx, input: Input<Empty, MeChanges>) -> Result<Reply<Me>, Problem> {
    let (db, engine, user, version) = (ctx.db(), ctx.engine(), ctx.user().id, ctx.if_match()?);
    let me = accounts::update(&db, &engine, ctx.config(), user, version, &input.body).await?;
    Ok(Reply::ok(me.clone()).etag(me.version))
}

/// Erases the account; what Google cannot confirm at once follows in the background.
async fn erase(ctx: Ctx, _: Input<Empty, Empty>) -> Result<Reply<Empty>, Problem> {
    let erased = erase::user(&ctx.engine(), ctx.config(), ctx.user().id, ctx.if_match()?).await?;
    Ok(erased.reply(&ctx, "/api/me"))
}

/// Everything that is held about the caller, as it is read.
async fn take_out(ctx: Ctx, input: Input<ExportQuery, Empty>) -> Result<Reply<Raw>, Problem> {
    export::stream(&ctx, &input.query).await
}
