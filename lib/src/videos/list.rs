//! Lists of videos.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::video::{Row, Video};
use platform::db::Db;
use platform::endpoint::{Kind, Page, PageSize, Problem, decode_cursor, encode_cursor};
use platform::ids::{ChannelId, VideoId};
use scoring::{Format, Label};

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Newest first; videos that never were public last.
    #[default]
    Published,
    /// Best score first; videos without a score last.
    Score,
}

/// Which videos.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only of this channel.
    pub channel_id: Option<ChannelId>,
    /// Only with this label.
    pub label: Option<Label>,
    /// Only of this format.
    pub format: Option<Format>,
    /// What the list is ordered by: `published` (default) or `score`.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    /// `next_cursor` of the page before. Belongs to one `sort`.
    pub cursor: Option<String>,
    /// How many, 1 to 100; 25 unless said otherwise.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    sort: Sort,
    key: String,
    id: VideoId,
}

/// Lists videos that are on YouTube.
///
/// # Errors
///
/// [`Problem`] for a foreign cursor or a database that does not answer.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Page<Video>, Problem> {
    let PageSize(limit) = query.limit;
    let after: Option<After> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    if after.as_ref().is_some_and(|after| after.sort != query.sort) {
        return Err(Problem::new(Kind::InvalidQuery)
            .detail("The cursor belongs to another order. Start again without it.")
            .pointer("?cursor", "must come from a page with the same `sort`"));
    }
    let arguments = json!({
        "p_channel": query.channel_id, "p_label": query.label, "p_format": query.format, "p_sort": query.sort,
        "p_after_key": after.as_ref().map(|after| &after.key), "p_after_id": after.as_ref().map(|after| after.id),
        "p_limit": limit + 1,
    });
    Ok(page(
        db.query("list_videos", &arguments).await?,
        query.sort,
        limit,
    ))
}

/// The first `limit` rows, and where to go on when there are more.
fn page(rows: Vec<Row>, sort: Sort, limit: usize) -> Page<Video> {
    let last = rows.get(limit - 1).filter(|_| rows.len() > limit);
    let next_cursor = last.map(|row| {
        let key = row.page_key.clone().unwrap_or_default();
        encode_cursor(&After {
            sort,
            key,
            id: row.id,
        })
    });
    let items = rows.into_iter().take(limit).map(Row::into_video).collect();
    Page { items, next_cursor }
}

#[cfg(test)]
pub(super) mod tests;
