//! Asking for a synchronisation now.

use serde_json::json;

use crate::channels::Channel;
use platform::db::Db;
use platform::endpoint::{Idempotency, Problem};
use platform::ids::{ChannelId, UserId};

/// Makes the channel's step due.
///
/// # Errors
///
/// [`Kind::ChannelDisconnected`](platform::endpoint::Kind::ChannelDisconnected) and roles that are too low.
pub async fn request(
    engine: &Db,
    user: UserId,
    id: ChannelId,
    idempotency: Option<&Idempotency>,
) -> Result<Channel, Problem> {
    let arguments = json!({"p_user": user, "p_channel": id, "p_idempotency": idempotency});
    let channel: Channel = engine.call("request_sync", &arguments).await?;
    Ok(channel.with_attention())
}
