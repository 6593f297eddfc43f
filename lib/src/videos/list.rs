//! Lists of videos.

use jiff::Timestamp;
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
#[schema(default = "newest")]
pub enum Sort {
    /// Newest first; videos that never were public last.
    #[default]
    Newest,
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
    #[param(inline)]
    pub label: Option<Label>,
    /// Only of this format.
    #[param(inline)]
    pub format: Option<Format>,
    /// Only with all of these words, or parts of words, in the title, in any order and case; 1 to 100 characters.
    #[param(min_length = 1, max_length = 100, pattern = r"\S")]
    pub search: Option<String>,
    /// Only those published at or after this instant.
    pub from: Option<Timestamp>,
    /// Only those published before this instant.
    pub to: Option<Timestamp>,
    /// What comes first: the `newest`, or the best by `score`. A cursor belongs to one order.
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
            .parameter("cursor", "must come from a page with the same `sort`"));
    }
    let words = query.search.as_deref().map(words).transpose()?;
    let arguments = json!({
        "p_channel": query.channel_id, "p_label": query.label, "p_format": query.format, "p_sort": query.sort,
        "p_words": words, "p_from": query.from, "p_to": query.to,
        "p_after_key": after.as_ref().map(|after| &after.key), "p_after_id": after.as_ref().map(|after| after.id),
        "p_limit": limit + 1,
    });
    Ok(page(
        db.query("list_videos", &arguments).await?,
        query.sort,
        limit,
    ))
}

/// The words that a title must hold.
fn words(search: &str) -> Result<Vec<String>, Problem> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() || search.chars().count() > 100 {
        let rule = "must have 1 to 100 characters and not only blanks";
        return Err(Problem::new(Kind::InvalidQuery)
            .detail(format!("search {rule}."))
            .parameter("search", rule));
    }
    Ok(words)
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
