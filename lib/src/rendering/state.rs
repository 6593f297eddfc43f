//! The states of a render and the transitions between them.

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

    /// The name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Submitting => "submitting",
            Self::SubmitUnknown => "submit_unknown",
            Self::Queued => "queued",
            Self::Rendering => "rendering",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOutUnknown => "timed_out_unknown",
        }
    }

    /// Whether a render in this state may become one in that state. `private.render_transitions()` holds the same
    /// table and refuses everything else.
    #[must_use]
    pub const fn can_become(self, next: Self) -> bool {
        match self {
            Self::Requested => matches!(next, Self::Submitting | Self::Failed | Self::Cancelled),
            // Back to requested only when the submit certainly did not happen.
            Self::Submitting => matches!(
                next,
                Self::Requested
                    | Self::SubmitUnknown
                    | Self::Queued
                    | Self::Failed
                    | Self::Cancelled
            ),
            Self::SubmitUnknown => matches!(
                next,
                Self::Requested | Self::Queued | Self::Failed | Self::Cancelled
            ),
            Self::Queued => matches!(
                next,
                Self::Rendering
                    | Self::Ready
                    | Self::Failed
                    | Self::Cancelled
                    | Self::TimedOutUnknown
            ),
            Self::Rendering => matches!(
                next,
                Self::Ready | Self::Failed | Self::Cancelled | Self::TimedOutUnknown
            ),
            Self::TimedOutUnknown => matches!(next, Self::Ready | Self::Failed | Self::Cancelled),
            Self::Ready | Self::Failed | Self::Cancelled => false,
        }
    }

    /// Whether it never changes again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_is_sent_only_from_requested_and_never_returns_from_the_provider() {
        for state in State::ALL {
            assert_eq!(
                state.can_become(State::Submitting),
                state == State::Requested
            );
            assert!(!state.can_become(state));
            if state.is_final() {
                assert!(State::ALL.iter().all(|next| !state.can_become(*next)));
            }
        }
        for later in [
            State::Queued,
            State::Rendering,
            State::TimedOutUnknown,
            State::Ready,
        ] {
            assert!(!later.can_become(State::Requested) && !later.can_become(State::SubmitUnknown));
        }
    }

    #[test]
    fn every_state_is_written_as_it_is_read() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
