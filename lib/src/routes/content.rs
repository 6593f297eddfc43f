//! Operations on generated content.

use super::documented::Documented;
use crate::content::{
    Content, ContentChanges, ContentDetail, ContentDiff, ContentSummary, DiffQuery, GenerateBody,
    GenerateEvent, ListQuery,
};
use platform::endpoint::{Empty, Kind, Limit, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[
    &GENERATE,
    &GENERATE_STREAM,
    &LIST,
    &GET,
    &DIFF,
    &UPDATE,
    &ARCHIVE,
];

/// `POST /api/generate/{kind}`
pub const GENERATE: Operation<Empty, GenerateBody, Content> =
    Operation::post("generateContent", "/api/generate/{kind}")
        .summary("Generates ideas, titles, a script or a description for a channel.")
        .describe(
            "`kind` is `ideas`, `titles`, `script` or `description`. The result names the channel's own videos that inspired it. \
             Money is reserved before the model is called and settled from the tokens it reports; a generation \
             that fails keeps its row (`instance` in the problem) with the reason and what it cost.",
        )
        .limit(Limit::Spend)
        .idempotent()
        .deadline(58)
        .problems(PROBLEMS);

/// `POST /api/generate/{kind}/stream`
pub const GENERATE_STREAM: Operation<Empty, GenerateBody, GenerateEvent> =
    Operation::post("generateContentStream", "/api/generate/{kind}/stream")
        .summary("Generates as `POST /api/generate/{kind}` does, and tells how far it is.")
        .describe(
            "Server-sent events: `started`, `progress`, and at the end `content` or `problem`. What is refused before anything \
             was generated is answered with a problem instead of a stream. The generation goes on when the client disconnects: \
             its result is found in `GET /api/content`, or by the same request with the same `Idempotency-Key`.",
        )
        .limit(Limit::Spend)
        .idempotent()
        .deadline(58)
        .status(200)
        .produces("text/event-stream")
        .problems(PROBLEMS);

/// What can go wrong while content is generated.
const PROBLEMS: &[Kind] = &[
    Kind::BannedTopic,
    Kind::BudgetExhausted,
    Kind::GenerationBlocked,
    Kind::GenerationFailed,
    Kind::InvalidState,
    Kind::GenerationLimitReached,
    Kind::NotConfigured,
    Kind::RoleTooLow,
    Kind::UpstreamFailed,
    Kind::UpstreamUnavailable,
];

/// `GET /api/content`
pub const LIST: Operation<ListQuery, Empty, Page<ContentSummary>> =
    Operation::get("listContent", "/api/content")
        .summary("Lists generated content of your channels, without its text.")
        .order("Newest first, unless `sort` says otherwise.")
        .describe("Archived content is left out unless `state=archived` asks for it.");

/// `GET /api/content/{id}`
pub const GET: Operation<Empty, Empty, ContentDetail> =
    Operation::get("getContent", "/api/content/{id}")
        .summary("One revision of a piece of content, with a list of all its revisions.")
        .editable();

/// `GET /api/content/{id}/diff`
pub const DIFF: Operation<DiffQuery, Empty, ContentDiff> =
    Operation::get("getContentDiff", "/api/content/{id}/diff")
        .summary("What is different in a revision, word by word.")
        .describe(
            "Compares with the revision that it was made from, or with the one that `with` names.",
        );

/// `PATCH /api/content/{id}`
pub const UPDATE: Operation<Empty, ContentChanges, Content> = Operation::patch("updateContent", "/api/content/{id}")
    .summary("Edits, rates, approves or rejects a revision.")
    .describe(
        "One of `output`, `rating` and `decision` at a time. What was written never changes: an edit makes a new revision, \
         which is the answer and stands at `Location`, and ends the approval of the edited one. An approval binds to the \
         `content_hash` of the words it was given for.",
    )
    .limit(Limit::Write)
    .editable()
    .max_body(256 * 1024)
    .problems(&[Kind::BannedTopic, Kind::InvalidState, Kind::RoleTooLow]);

/// `DELETE /api/content/{id}`
pub const ARCHIVE: Operation<Empty, Empty, Empty> = Operation::delete(
    "archiveContent",
    "/api/content/{id}",
)
.summary(
    "Archives a revision: it leaves the lists. Its row, its cost and what was made from it stay.",
)
.limit(Limit::Write)
.editable()
.problems(&[Kind::InvalidState, Kind::RoleTooLow]);
