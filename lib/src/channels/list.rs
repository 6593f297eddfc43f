//! The channels that the caller may see.

use super::channel::Channel;
use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
use platform::ids::ChannelId;

/// One page of the caller's channels, oldest connection first.
///
/// # Errors
///
/// As any read.
pub async fn list(
    db: &Db,
    cursor: Option<&str>,
    limit: PageSize,
) -> Result<Page<Channel>, Problem> {
    let query = db.from("channels").select("*");
    let query = keyset::ascending(query, "created_at", cursor, limit)?;
    let rows = query.rows::<Channel>().await?;
    let rows = rows.into_iter().map(Channel::with_attention).collect();
    Ok(Page::cut(rows, limit.0, |channel: &Channel| {
        (channel.created_at, channel.id)
    }))
}

/// One channel that the caller may see.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound).
pub async fn get(db: &Db, id: ChannelId) -> Result<Channel, Problem> {
    let channel: Channel = db.from("channels").select("*").eq("id", id).one().await?;
    Ok(channel.with_attention())
}
