//! Webhook endpoints.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::event::EventType;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Page, Problem};
use platform::ids::{ChannelId, EndpointId, UserId};

/// An address to which events are sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Only events of this channel; null for all of yours.
    pub channel_id: Option<ChannelId>,
    /// Where events are posted.
    pub url: String,
    /// What it is for, in your words.
    pub description: Option<String>,
    /// Only these events; empty for all.
    pub events: Vec<EventType>,
    /// Whether anything is sent.
    pub state: EndpointState,
    /// Why nothing is sent.
    pub state_reason: Option<DisabledReason>,
    /// Since when every attempt has failed; null when the last one did not.
    pub failing_since: Option<Timestamp>,
    /// When an event was last delivered.
    pub last_delivered_at: Option<Timestamp>,
    /// Counts edits; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// Whether anything is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Events are sent.
    Enabled,
    /// Nothing is sent, and nothing is kept for later.
    Disabled,
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// You disabled it.
    ByUser,
    /// It answered 410.
    Gone,
    /// It failed for five days on end.
    Failing,
    /// The service was restored from a backup: rotate the secret, and deliveries go on.
    Restored,
}

/// The caller's endpoints, oldest first. There are ten at most.
///
/// # Errors
///
/// As any read.
pub async fn endpoints(db: &Db) -> Result<Page<Endpoint>, Problem> {
    let items = db
        .from("webhook_endpoints")
        .select("*")
        .order("created_at.asc,id.asc")
        .rows::<Endpoint>()
        .await?;
    Ok(Page {
        items,
        next_cursor: None,
    })
}

/// One endpoint of the caller.
///
/// # Errors
///
/// `not_found`.
pub async fn endpoint(db: &Db, id: EndpointId) -> Result<Endpoint, Problem> {
    let rows = db.from("webhook_endpoints").select("*");
    Ok(rows.eq("id", id).one().await?)
}

/// Deletes an endpoint with everything that was, or was to be, sent there.
///
/// # Errors
///
/// A version that is not the newest.
pub async fn delete(
    engine: &Db,
    user: UserId,
    id: EndpointId,
    version: Option<i64>,
) -> Result<(), Problem> {
    let arguments = json!({"p_user": user, "p_endpoint": id, "p_version": version});
    Ok(engine.call("delete_webhook_endpoint", &arguments).await?)
}
