//! The tools that publish, move and withdraw.

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::confirm::Asked;
use super::read::answer;
use crate::agents::offer::Price;
use crate::publishing::{self, ScheduleBody, Upload, UploadChanges};
use crate::{channels, rendering};
use platform::endpoint::{Ctx, Empty, Problem};

const ONE: Price = Price {
    cost_micros: 0,
    credits: 0,
    publications: 1,
};

/// Offers a publication, or schedules it.
pub(super) async fn schedule(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    let asked = Asked::of(&arguments);
    let (db, engine) = (ctx.db(), ctx.engine());
    let body: ScheduleBody = arguments.body()?;
    let render = rendering::get(&db, body.render_id).await?;
    let channel = channels::get(&db, render.channel_id).await?;
    let upload = publishing::plan(&db, body).await?;
    let plan =
        json!({"channel": channel.title, "channel_id": channel.id, "upload": upload.fields()});
    if let Some(offer) = asked.confirmed(ctx, ONE, &plan).await? {
        return Ok(offer);
    }
    let upload = upload.schedule(&engine, ctx.user().id, None).await?;
    ctx.wake_dispatcher();
    answer(upload)
}

/// Offers a change or a cancellation of an upload as it stands, or makes it.
pub(super) async fn change_or_cancel(
    ctx: &Ctx,
    mut arguments: Arguments,
) -> Result<Value, Problem> {
    let asked = Asked::of(&arguments);
    let (db, engine, user) = (ctx.db(), ctx.engine(), ctx.user().id);
    let id = arguments.required("upload_id")?;
    let change: Option<UploadChanges> = if arguments.switch("cancel")? {
        arguments.query::<Empty>()?;
        None
    } else {
        Some(arguments.body()?)
    };
    let upload = publishing::get(&db, id).await?;
    let mut plan = as_it_stands(&upload);
    match &change {
        Some(change) => plan["change"] = json!(change),
        None => plan["cancel"] = true.into(),
    }
    if let Some(offer) = asked.confirmed(ctx, ONE, &plan).await? {
        return Ok(offer);
    }
    let version = Some(upload.version);
    let upload = match change {
        Some(change) => publishing::update(&db, &engine, user, id, version, change).await?,
        None => publishing::cancel(&engine, user, id, version).await?,
    };
    ctx.wake_dispatcher();
    answer(upload)
}

/// What the user sees of an upload before it changes. Whatever else happens to it meanwhile makes the confirmation worthless.
fn as_it_stands(upload: &Upload) -> Value {
    json!({
        "upload_id": upload.id, "version": upload.version, "state": upload.state, "title": upload.title,
        "publish_at": upload.publish_at, "local_time": upload.local_time, "time_zone": upload.time_zone,
    })
}
