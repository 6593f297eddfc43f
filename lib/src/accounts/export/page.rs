//! Pages of the export, as the database gives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use platform::db::{Db, DbError};
use platform::ids::{ChannelId, UserId};

/// One page.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    /// Rows, one JSON object a line.
    pub(super) lines: String,
    /// Rows of each table.
    pub(super) rows: BTreeMap<String, u64>,
    pub(super) scores_shown: bool,
    /// Where the next page starts; none after the last one.
    pub(super) next: Option<Position>,
}

/// Where a page ended: a source, a channel when there are several, and the last row's key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    position: i32,
    channel: Option<ChannelId>,
    key: Option<Vec<Value>>,
}

impl Page {
    pub(super) async fn read(
        engine: &Db,
        user: UserId,
        after: Option<&Position>,
    ) -> Result<Self, DbError> {
        let arguments = json!({"p_user": user, "p_after": after});
        engine.call("export_page", &arguments).await
    }
}
