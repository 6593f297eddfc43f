//! Uploads by their publish time, and one of them.

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::state::UploadState;
use super::upload::{COLUMNS, Upload};
use platform::db::{Db, DbError, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
use platform::ids::{ChannelId, UploadId};

/// Which uploads to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only this channel's.
    pub channel_id: Option<ChannelId>,
    /// Only those in this state.
    #[param(inline)]
    pub state: Option<UploadState>,
    /// Only those published at or after this instant.
    pub from: Option<Timestamp>,
    /// Only those published before this instant.
    pub to: Option<Timestamp>,
    /// Which publish time comes first: `earliest` or `latest`. A cursor goes on in the order that is asked for.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[serde(default)]
    #[param(inline)]
    pub limit: PageSize,
}

/// Which publish time comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(default = "earliest")]
pub enum Sort {
    /// The earliest.
    #[default]
    Earliest,
    /// The latest.
    Latest,
}

/// Lists what row level security lets the caller see, by publish time.
///
/// # Errors
///
/// A cursor that is none, or the database.
pub async fn list(db: &Db, query: ListQuery) -> Result<Page<Upload>, Problem> {
    let mut rows = db
        .from("scheduled_uploads")
        .select(COLUMNS)
        .eq_if("channel_id", query.channel_id)
        .eq_if("state", query.state);
    if let Some(from) = query.from {
        rows = rows.gte("publish_at", from);
    }
    if let Some(to) = query.to {
        rows = rows.lt("publish_at", to);
    }
    let cursor = query.cursor.as_deref();
    let rows = match query.sort {
        Sort::Earliest => keyset::ascending(rows, "publish_at", cursor, query.limit)?,
        Sort::Latest => keyset::descending(rows, "publish_at", cursor, query.limit)?,
    };
    let uploads = rows.rows().await?;
    Ok(Page::cut(uploads, query.limit.0, |upload: &Upload| {
        (upload.publish_at, upload.id)
    }))
}

/// One upload, if the caller may see it.
///
/// # Errors
///
/// [`DbError`].
pub async fn get(db: &Db, id: UploadId) -> Result<Upload, DbError> {
    let rows = db.from("scheduled_uploads").select(COLUMNS);
    rows.eq("id", id).one().await
}
