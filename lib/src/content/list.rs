//! Listing and reading content.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::request::ContentKind;
use super::row::{COLUMNS, Content, ContentDetail, State};
use super::summary::{COLUMNS as SUMMARY_COLUMNS, ContentSummary};
use platform::db::{Db, DbError, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem, TimeOrder};
use platform::ids::{ChannelId, ContentId};

/// The process of a generation of this age is gone: no request takes longer than a minute.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(3);

/// Which content to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only this channel's.
    pub channel_id: Option<ChannelId>,
    /// Only this kind.
    #[param(inline)]
    pub kind: Option<ContentKind>,
    /// Only in this state.
    #[param(inline)]
    pub state: Option<State>,
    /// Only revisions of this piece.
    pub root_id: Option<Uuid>,
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

/// Content of the caller's channels, without its text. Archived content is listed only when it is asked for.
///
/// # Errors
///
/// `invalid_query` for a cursor of another list.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Page<ContentSummary>, Problem> {
    let rows = db
        .from("generated_content")
        .select(SUMMARY_COLUMNS)
        .eq_if("state", query.state)
        .eq_if("channel_id", query.channel_id)
        .eq_if("kind", query.kind)
        .eq_if("root_id", query.root_id);
    let rows = match query.state {
        Some(_) => rows,
        None => rows.neq("state", State::Archived),
    };
    let cursor = query.cursor.as_deref();
    let rows = keyset::by_time(rows, "created_at", query.sort, cursor, query.limit)?;
    let rows: Vec<ContentSummary> = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |content| {
        (content.created_at, content.id)
    }))
}

/// One revision, with the other revisions of its piece. A generation whose process is gone is ended first.
///
/// # Errors
///
/// `not_found`.
pub async fn get(db: &Db, engine: &Db, id: ContentId) -> Result<ContentDetail, Problem> {
    let content = settled(db, engine, id).await?;
    let revisions = db
        .from("generated_content")
        .select("id,revision,origin,state,parent_id,content_hash,rating,created_at")
        .eq("root_id", content.root_id)
        .order("revision.desc")
        .limit(200)
        .rows()
        .await?;
    Ok(ContentDetail { content, revisions })
}

/// One revision. A generation whose process is gone is ended first.
pub(super) async fn settled(db: &Db, engine: &Db, id: ContentId) -> Result<Content, DbError> {
    let content = read(db, id.0).await?;
    let lost = content.state == State::Generating
        && platform::clock::now() - LOST_AFTER > content.started_at;
    if !lost {
        return Ok(content);
    }
    let arguments = json!({"p_content": id});
    let _: Value = engine.call("interrupt_generation", &arguments).await?;
    read(db, id.0).await
}

pub(super) async fn read(db: &Db, id: Uuid) -> Result<Content, DbError> {
    let rows = db.from("generated_content").select(COLUMNS);
    rows.eq("id", id).one().await
}
