//! What a stream tells of a generation.

use serde::Serialize;
use utoipa::ToSchema;

use super::{request::ContentKind, row::Content};
use platform::endpoint::ProblemBody;
use platform::ids::ContentId;

/// An event of a generation. The first is `started`, the last `content` or `problem`; a request that was sent before, with
/// the same `Idempotency-Key`, has the last only. The name of the server-sent event is the `type`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GenerateEvent {
    /// The content has its row, and the money for it is reserved.
    Started {
        /// Id of the content.
        id: ContentId,
        /// What it is.
        kind: ContentKind,
    },
    /// How far it is.
    Progress {
        /// What is done now.
        stage: Stage,
        /// Characters of this answer so far.
        characters: usize,
    },
    /// It is done.
    Content {
        /// The content, as `POST /api/generate/{kind}` answers it.
        content: Box<Content>,
    },
    /// It failed. `instance` is the content's path when it has a row.
    Problem {
        /// What happened, as every operation says it.
        problem: ProblemBody,
    },
}

impl GenerateEvent {
    /// Name of the server-sent event.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Progress { .. } => "progress",
            Self::Content { .. } => "content",
            Self::Problem { .. } => "problem",
        }
    }
}

/// What is done to a piece of content that is being generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GenerateStage)]
pub enum Stage {
    /// The model writes.
    Writing,
    /// The answer broke rules and is written again.
    Repairing,
    /// The answer is checked and stored.
    Checking,
}

/// How far a generation is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// Characters of this answer so far.
    pub(super) characters: usize,
}

impl From<Progress> for GenerateEvent {
    fn from(Progress { stage, characters }: Progress) -> Self {
        Self::Progress { stage, characters }
    }
}
