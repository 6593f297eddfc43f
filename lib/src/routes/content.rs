//! Operations on generated content.

use super::documented::Documented;
use crate::content::{ChangeBody, Content, ContentDetail, GenerateBody, ListQuery};
use platform::endpoint::{BodyForm, Caching, Empty, ExtraResponse, Kind, Limit, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&GENERATE, &LIST, &GET, &CHANGE, &ARCHIVE];

/// `POST /api/generate/{kind}`
pub const GENERATE: Operation<Empty, GenerateBody, Content> =
    Operation::post("content.generate", "/api/generate/{kind}")
        .summary("Generates ideas, titles, a script or a description for a channel.")
        .describe(
            "`kind` is `ideas`, `titles`, `script` or `description`. The result names the channel's own videos that inspired it. \
             With `Accept: text/event-stream` the answer is a stream of the events `started`, `progress` and at the end `content` \
             or `problem`. Money is reserved before the model is called and settled from the tokens it reports; a generation \
             that fails keeps its row (`instance` in the problem) with the reason and what it cost.",
        )
        .limit(Limit::Spend)
        .idempotent()
        .deadline(58)
        .also(&[ExtraResponse {
            status: 200,
            body: Some(("text/event-stream", BodyForm::Text)),
            when: "The events of the generation, for `Accept: text/event-stream`.",
        }])
        .problems(&[
            Kind::BannedTopic, Kind::BudgetExhausted, Kind::GenerationBlocked,
            Kind::GenerationFailed, Kind::InvalidState, Kind::QuotaExhausted, Kind::RoleTooLow,
            Kind::UpstreamFailed, Kind::UpstreamUnavailable,
        ]);

/// `GET /api/content`
pub const LIST: Operation<ListQuery, Empty, Page<Content>> =
    Operation::get("content.list", "/api/content")
        .summary("Lists generated content of your channels, the newest first.")
        .cached(Caching::Revalidated)
        .describe("Archived content is left out unless `status=archived` asks for it.");

/// `GET /api/content/{id}`
pub const GET: Operation<Empty, Empty, ContentDetail> =
    Operation::get("content.get", "/api/content/{id}")
        .summary("One revision of a piece of content, with a list of all its revisions.")
        .editable();

/// `PATCH /api/content/{id}`
pub const CHANGE: Operation<Empty, ChangeBody, Content> = Operation::patch("content.change", "/api/content/{id}")
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
    "content.archive",
    "/api/content/{id}",
)
.summary(
    "Archives a revision: it leaves the lists. Its row, its cost and what was made from it stay.",
)
.limit(Limit::Write)
.editable()
.problems(&[Kind::InvalidState, Kind::RoleTooLow]);
