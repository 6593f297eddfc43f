//! What operators changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Result};

/// A line of the history.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    made_at: String,
    made_by: String,
    kind: String,
    name: String,
    old_value: Value,
    new_value: Value,
}

/// Which lines are asked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Of these kinds.
    pub(crate) kinds: &'a [&'a str],
    /// Of this name alone.
    pub(crate) name: Option<&'a str>,
    /// Of this user alone.
    pub(crate) user: Option<Uuid>,
    /// No more than so many.
    pub(crate) most: i64,
}

/// The lines, the newest first.
pub(crate) async fn read(connection: &mut PgConnection, wanted: &Wanted<'_>) -> Result<Vec<Entry>> {
    let rows = sqlx::query_scalar(
        "select to_jsonb(c) from private.operator_changes c
         where kind = any ($1) and ($2::text is null or name = $2 or name like $2 || '.%')
           and ($3::uuid is null or user_id = $3)
         order by id desc limit $4",
    )
    .bind(wanted.kinds)
    .bind(wanted.name)
    .bind(wanted.user)
    .bind(wanted.most)
    .fetch_all(connection)
    .await;
    let rows: Vec<Json<Entry>> = rows.map_err(Error::database("cannot read the history"))?;
    Ok(rows.into_iter().map(|Json(entry)| entry).collect())
}

/// Prints them, for people or as JSON.
pub(crate) fn print(entries: &[Entry], as_json: bool) {
    if as_json {
        println!("{}", serde_json::json!({ "changes": entries }));
        return;
    }
    for Entry {
        made_at,
        made_by,
        name,
        old_value,
        new_value,
        ..
    } in entries
    {
        let at = made_at.get(..19).unwrap_or(made_at);
        println!("{at}  {made_by:<20} {name}: {old_value} -> {new_value}");
    }
    if entries.is_empty() {
        println!("nobody changed anything");
    }
}
