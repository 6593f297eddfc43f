//! The tools that only read.

use serde::Serialize;
use serde_json::Value;

use super::arguments::Arguments;
use crate::routes::channels::ListQuery as ChannelsQuery;
use crate::{channels, content, publishing, videos};
use platform::endpoint::{Ctx, Empty, Problem};

/// What a subject answered.
pub(super) fn answer(answer: impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(Problem::internal)
}

pub(super) async fn channels(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    let query: ChannelsQuery = arguments.query()?;
    answer(channels::list(&ctx.db(), query.cursor.as_deref(), query.limit).await?)
}

pub(super) async fn insights(ctx: &Ctx, mut arguments: Arguments) -> Result<Value, Problem> {
    let channel = arguments.required("channel_id")?;
    arguments.query::<Empty>()?;
    answer(videos::insights(&ctx.db(), channel).await?)
}

pub(super) async fn videos(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    answer(videos::list(&ctx.db(), &arguments.query()?).await?)
}

pub(super) async fn video(ctx: &Ctx, mut arguments: Arguments) -> Result<Value, Problem> {
    let video = arguments.required("video_id")?;
    arguments.query::<Empty>()?;
    answer(videos::get(&ctx.db(), video).await?)
}

/// A list, or one revision.
pub(super) async fn content(ctx: &Ctx, mut arguments: Arguments) -> Result<Value, Problem> {
    let Some(id) = arguments.part("content_id")? else {
        return answer(content::list(&ctx.db(), &arguments.query()?).await?);
    };
    arguments.query::<Empty>()?;
    answer(content::get(&ctx.db(), &ctx.engine(), id).await?)
}

pub(super) async fn slots(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    answer(publishing::free_slots(&ctx.db(), &ctx.engine(), arguments.query()?).await?)
}

pub(super) async fn schedule_list(ctx: &Ctx, arguments: Arguments) -> Result<Value, Problem> {
    answer(publishing::list(&ctx.db(), arguments.query()?).await?)
}
