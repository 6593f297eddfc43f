//! The states of a render. `private.render_transitions()` holds the transitions between them and refuses everything else.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenderState)]
pub enum State {
    /// Recorded and counted; nothing was sent.
    Requested,
    /// About to be sent, or just sent.
    Submitting,
    /// It is not known whether the provider accepted it. Its job is searched for, and it is never sent again.
    SubmitUnknown,
    /// Accepted by the provider.
    Queued,
    /// In progress at the provider.
    Rendering,
    /// The video is there.
    Ready,
    /// There will be no video.
    Failed,
    /// Cancelled by a person.
    Cancelled,
    /// It took longer than any render should. It is paid for, so it is polled once more.
    TimedOutUnknown,
}

impl State {
    /// All of them, in the order of a render's life.
    pub const ALL: [Self; 9] = [
        Self::Requested,
        Self::Submitting,
        Self::SubmitUnknown,
        Self::Queued,
        Self::Rendering,
        Self::Ready,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOutUnknown,
    ];
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
