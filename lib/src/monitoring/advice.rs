//! What to do about a dead letter, by the kind of its step and the cause of its end.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to do about a dead letter.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NextAction {
    /// The action that fits.
    pub action: Action,
    /// Why, and what to look at first.
    pub advice: &'static str,
}

/// What can be done about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Put it back to work, with all its attempts.
    Retry,
    /// Close it; its subject stays as it is.
    Discard,
}

/// What fits a kind of step and the cause of its end.
pub(super) fn next_action(kind: &str, code: &str) -> NextAction {
    let (action, advice) = match (kind, code) {
        (_, "unknown_step") => (
            Action::Discard,
            "No code of this deployment runs steps of this kind. It may be left over from a newer one.",
        ),
        (_, "panicked") => (
            Action::Retry,
            "A defect of ours. Find the panic in the log of this request, deploy a fix, then retry.",
        ),
        (_, "attempts_exhausted") => (
            Action::Retry,
            "Each attempt ended its process. Look for memory or time limits in the platform's log, then retry one.",
        ),
        ("channel.sync" | "channel.score", _) => (
            Action::Retry,
            "Nothing is lost: it starts again from the channel's own data. Retry when the cause is gone.",
        ),
        ("channel.erase", _) => (
            Action::Retry,
            "Somebody asked to be erased and is not yet. Retry soon, and do not discard it.",
        ),
        ("render.advance", _) => (
            Action::Retry,
            "Looks for the paid job again and never sends a second one. Discard it once the render has failed or was cancelled.",
        ),
        ("upload.advance", _) => (
            Action::Retry,
            "Looks at what YouTube holds before it sends anything. Mind the publish time: if it has passed, the user has to choose another.",
        ),
        ("upload.thumbnail", _) => (
            Action::Discard,
            "The video itself is up. The user can set the picture on YouTube; retry if the channel may do so by now.",
        ),
        _ => (
            Action::Retry,
            "Retry when the cause is gone; discard it when its subject no longer matters.",
        ),
    };
    NextAction { action, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_has_advice() {
        for (kind, code, action) in [
            ("channel.sync", "upstream_failed", Action::Retry),
            ("upload.thumbnail", "forbidden", Action::Discard),
            ("upload.advance", "panicked", Action::Retry),
            ("test.step", "unknown_step", Action::Discard),
            ("new.kind", "anything", Action::Retry),
        ] {
            assert_eq!(next_action(kind, code).action, action, "{kind} {code}");
        }
    }
}
