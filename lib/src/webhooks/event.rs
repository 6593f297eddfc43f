//! Events that are sent to webhook endpoints.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
}
