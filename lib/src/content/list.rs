//! Listing and reading content.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::request::ContentKind;
use super::row::{COLUMNS, Content, ContentDetail, Status};
use platform::db::{Db, DbError, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
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
    pub kind: Option<ContentKind>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only revisions of this piece.
    pub root_id: Option<Uuid>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows a page: 1 to 100, 25 unless said otherwise.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

/// Content of the caller's channels, the newest first. Archived content is listed only when it is asked for.
///
/// # Errors
///
/// `invalid_query` for a cursor of another list.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Page<Content>, Problem> {
    let rows = db
        .from("generated_content")
        .select(COLUMNS)
        .eq_if("status", query.status)
        .eq_if("channel_id", query.channel_id)
        .eq_if("kind", query.kind)
        .eq_if("root_id", query.root_id);
    let rows = match query.status {
        Some(_) => rows,
        None => rows.neq("status", Status::Archived),
    };
    let rows = keyset::descending(rows, "created_at", query.cursor.as_deref(), query.limit)?;
    let rows: Vec<Content> = rows.rows().await?;
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
        .select("id,revision,origin,status,parent_id,content_hash,rating,created_at")
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
    let lost = content.status == Status::Generating
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
