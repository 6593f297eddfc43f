//! Listing, reading, confirming and cancelling renders.

use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::render::{Render, State};
use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem, TimeOrder};
use platform::ids::{ChannelId, ContentId, RenderId, UserId};

/// Which renders to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only renders of this channel.
    pub channel_id: Option<ChannelId>,
    /// Only renders of this script.
    pub content_id: Option<ContentId>,
    /// Only renders in this state.
    #[param(inline)]
    pub state: Option<State>,
    /// What comes first: `newest` or `oldest`. A cursor goes on in the order that is asked for.
    #[serde(default)]
    #[param(inline)]
    pub sort: TimeOrder,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[serde(default)]
    #[param(inline)]
    pub limit: PageSize,
}

/// The caller's renders.
///
/// # Errors
///
/// A [`Problem`] when the cursor is not one of this list, or the database does not answer.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Page<Render>, Problem> {
    let rows = db
        .from("renders")
        .select("*")
        .eq_if("channel_id", query.channel_id)
        .eq_if("content_id", query.content_id)
        .eq_if("state", query.state);
    let cursor = query.cursor.as_deref();
    let rows = keyset::by_time(rows, "created_at", query.sort, cursor, query.limit)?;
    let rows: Vec<Render> = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |render| {
        (render.created_at, render.id)
    }))
}

/// One render.
///
/// # Errors
///
/// `not_found` when the caller may not see it.
pub async fn get(db: &Db, id: RenderId) -> Result<Render, Problem> {
    Ok(db.from("renders").select("*").eq("id", id).one().await?)
}

/// What somebody says who has watched a video.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderChanges {
    /// True: this is the video that was asked for. False: it is another one; the render has then failed.
    pub confirmed: bool,
}

/// Confirms or rejects a video that was recognised by its time alone.
///
/// # Errors
///
/// `not_found`; `version_mismatch`; `invalid_state` when there is nothing to confirm.
pub async fn update(
    engine: &Db,
    user: UserId,
    id: RenderId,
    version: Option<i64>,
    changes: RenderChanges,
) -> Result<Render, Problem> {
    let confirmed = changes.confirmed;
    let arguments =
        json!({ "p_user": user, "p_render": id, "p_version": version, "p_confirmed": confirmed });
    Ok(engine.call("confirm_render", &arguments).await?)
}

/// Cancels a render. Before the submit this costs nothing; after it the provider works on and is paid.
///
/// # Errors
///
/// `not_found`; `version_mismatch`; `invalid_state` when it has ended already.
pub async fn cancel(
    engine: &Db,
    user: UserId,
    id: RenderId,
    version: Option<i64>,
) -> Result<Render, Problem> {
    let arguments = json!({ "p_user": user, "p_render": id, "p_version": version });
    Ok(engine.call("cancel_render", &arguments).await?)
}
