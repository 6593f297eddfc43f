//! Webhook endpoints.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
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
    /// Counts edits; what the `ETag` names.
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

/// Which page of the endpoints.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EndpointsQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// The caller's endpoints, oldest first. There are ten at most.
///
/// # Errors
///
/// As any read.
pub async fn endpoints(db: &Db, query: &EndpointsQuery) -> Result<Page<Endpoint>, Problem> {
    let rows = db.from("webhook_endpoints").select("*");
    let rows = keyset::ascending(rows, "created_at", query.cursor.as_deref(), query.limit)?;
    let rows: Vec<Endpoint> = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |endpoint| {
        (endpoint.created_at, endpoint.id)
    }))
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

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum EventType {
    /// A channel was connected for the first time.
    #[serde(rename = "channel.connected")]
    ChannelConnected,
    /// Google no longer accepts the permission.
    #[serde(rename = "channel.disconnected")]
    ChannelDisconnected,
    /// A channel and everything stored about it is gone.
    #[serde(rename = "channel.erased")]
    ChannelErased,
    /// What is stored about a channel will be erased soon, because its permission cannot be verified.
    #[serde(rename = "channel.purge_pending")]
    ChannelPurgePending,
    /// A channel was connected again.
    #[serde(rename = "channel.reconnected")]
    ChannelReconnected,
    /// A test that you asked for.
    #[serde(rename = "ping")]
    Ping,
    /// A render was cancelled.
    #[serde(rename = "render.cancelled")]
    RenderCancelled,
    /// A render failed: there will be no video.
    #[serde(rename = "render.failed")]
    RenderFailed,
    /// The outcome of a render is unknown.
    #[serde(rename = "render.outcome_unknown")]
    RenderOutcomeUnknown,
    /// A video was rendered.
    #[serde(rename = "render.ready")]
    RenderReady,
    /// A render was requested.
    #[serde(rename = "render.requested")]
    RenderRequested,
    /// The render service accepted a render.
    #[serde(rename = "render.started")]
    RenderStarted,
    /// An upload was cancelled.
    #[serde(rename = "upload.cancelled")]
    UploadCancelled,
    /// An upload failed.
    #[serde(rename = "upload.failed")]
    UploadFailed,
    /// An upload waits for you.
    #[serde(rename = "upload.needs_attention")]
    UploadNeedsAttention,
    /// The video is on YouTube, not public yet.
    #[serde(rename = "upload.on_youtube")]
    UploadOnYoutube,
    /// The outcome of an upload is unknown for now.
    #[serde(rename = "upload.outcome_unknown")]
    UploadOutcomeUnknown,
    /// The video is public.
    #[serde(rename = "upload.published")]
    UploadPublished,
    /// An upload goes out at another time.
    #[serde(rename = "upload.rescheduled")]
    UploadRescheduled,
    /// An upload was scheduled, or is on its way again.
    #[serde(rename = "upload.scheduled")]
    UploadScheduled,
    /// Bytes are being sent to YouTube.
    #[serde(rename = "upload.started")]
    UploadStarted,
    /// A cancelled video may go public all the same: YouTube does not let us withdraw it. See to it in YouTube Studio.
    #[serde(rename = "upload.withdrawal_failed")]
    UploadWithdrawalFailed,
}
