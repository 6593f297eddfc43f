//! Pages of a list that is ordered by a time and, where times are equal, by id.

use jiff::Timestamp;
use uuid::Uuid;

use crate::endpoint::{PageSize, TimeOrder, decode_cursor};
use crate::problem::Problem;
use postgrest::{Query, quote};

/// Oldest first: orders `query` by `column` and `id`, starts it after `cursor` and cuts it one row after the page, so that
/// [`Page::cut`](crate::endpoint::Page::cut) knows whether there is another. The cursor's key is `(column, id)`.
///
/// # Errors
///
/// [`Kind::InvalidQuery`](crate::problem::Kind::InvalidQuery) for a cursor that no such list gave.
pub fn ascending(
    query: Query,
    column: &str,
    cursor: Option<&str>,
    size: PageSize,
) -> Result<Query, Problem> {
    page(query, column, ["asc", "gt"], cursor, size)
}

/// [`ascending`], but newest first.
///
/// # Errors
///
/// As [`ascending`].
pub fn descending(
    query: Query,
    column: &str,
    cursor: Option<&str>,
    size: PageSize,
) -> Result<Query, Problem> {
    page(query, column, ["desc", "lt"], cursor, size)
}

/// [`descending`] or [`ascending`], as the caller wants it.
///
/// # Errors
///
/// As [`ascending`].
pub fn by_time(
    query: Query,
    column: &str,
    order: TimeOrder,
    cursor: Option<&str>,
    size: PageSize,
) -> Result<Query, Problem> {
    match order {
        TimeOrder::Newest => descending(query, column, cursor, size),
        TimeOrder::Oldest => ascending(query, column, cursor, size),
    }
}

fn page(
    query: Query,
    column: &str,
    [direction, beyond]: [&str; 2],
    cursor: Option<&str>,
    PageSize(size): PageSize,
) -> Result<Query, Problem> {
    let query = query
        .order(&format!("{column}.{direction},id.{direction}"))
        .limit(size + 1);
    Ok(match cursor {
        Some(cursor) => {
            let (at, id) = decode_cursor(cursor)?;
            query.or(&after(column, beyond, at, id))
        }
        None => query,
    })
}

/// The rows beyond one row, as PostgREST writes it.
fn after(column: &str, beyond: &str, at: Timestamp, id: Uuid) -> String {
    let at = quote(&at.to_string());
    format!("{column}.{beyond}.{at},and({column}.eq.{at},id.{beyond}.{id})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_after_the_last_row_whatever_shares_its_time() {
        let at = "2026-11-22T09:30:00.12Z".parse().unwrap();
        assert_eq!(
            after("created_at", "lt", at, Uuid::nil()),
            "created_at.lt.\"2026-11-22T09:30:00.12Z\",\
             and(created_at.eq.\"2026-11-22T09:30:00.12Z\",id.lt.00000000-0000-0000-0000-000000000000)"
        );
    }
}
