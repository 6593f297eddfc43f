//! Operations on generated content.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::openapi::Documented;
use crate::content::{Content, ContentDetail, ContentKind, GenerateBody, Output, Status};
use platform::endpoint::{
    BodyForm, Caching, Empty, ExtraResponse, Kind, Limit, Operation, Page, PageSize, Problem,
};
use platform::ids::ChannelId;

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&GENERATE, &LIST, &GET, &CHANGE, &ARCHIVE];

/// `POST /api/generate/{kind}`
pub const GENERATE: Operation<Empty, GenerateBody, Content> =
    Operation::post("content.generate", "/api/generate/{kind}")
        .summary("Generates ideas, titles, a script or a description for a channel.")
        .describe(
            "`kind` is `ideas`, `titles`, `script` or `description`. The result names the channel's own videos that inspired it. \
             With `Accept: text/event-stream` the answer is a stream of the events `started`, `progress` and at the end `content` \
             or `problem`. Money is set aside before the model is called and settled from the tokens it reports; a generation \
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
            Kind::BannedTopic,
            Kind::BudgetExhausted,
            Kind::GenerationBlocked,
            Kind::GenerationFailed,
            Kind::InvalidState,
            Kind::NotFound,
            Kind::QuotaExhausted,
            Kind::RoleTooLow,
            Kind::UpstreamFailed,
            Kind::UpstreamUnavailable,
        ]);

/// `GET /api/content`
pub const LIST: Operation<ListQuery, Empty, Page<Content>> =
    Operation::get("content.list", "/api/content")
        .summary("Lists generated content of your channels, the newest first.")
        .cached(Caching::Revalidated)
        .describe("What was archived is left out unless `status=archived` asks for it.");

/// `GET /api/content/{id}`
pub const GET: Operation<Empty, Empty, ContentDetail> =
    Operation::get("content.get", "/api/content/{id}")
        .summary("One revision of a piece of content, with a list of all its revisions.")
        .editable()
        .problems(&[Kind::NotFound]);

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
    .problems(&[Kind::BannedTopic, Kind::InvalidState, Kind::NotFound, Kind::RoleTooLow]);

/// `DELETE /api/content/{id}`
pub const ARCHIVE: Operation<Empty, Empty, Empty> =
    Operation::delete("content.archive", "/api/content/{id}")
        .summary(
            "Takes a revision out of the lists. Its row, its cost and what it inspired stay known.",
        )
        .limit(Limit::Write)
        .editable()
        .problems(&[Kind::InvalidState, Kind::NotFound, Kind::RoleTooLow]);

/// Which content to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only this channel's.
    pub channel_id: Option<ChannelId>,
    /// Only this kind.
    pub kind: Option<ContentKind>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only revisions of this piece.
    pub root_id: Option<Uuid>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows a page: 1 to 100, 25 unless said otherwise.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

/// A change: one of `output`, `rating` and `decision`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    /// The text in the form of its kind, edited.
    #[serde(default)]
    #[schema(value_type = Option<Output>)]
    pub output: Option<Value>,
    /// 1 to 5; null takes the rating back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 5)]
    pub rating: Option<Option<i16>>,
    /// Approve or reject.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// Why; a rejection needs it. At most 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// With an approval: the hash of the text that was read.
    #[serde(default)]
    pub content_hash: Option<String>,
    /// With an approval of a list: the chosen item, counted from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub item: Option<i32>,
}

/// Tells a null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i16>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is decided about a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// These words may be rendered and published.
    Approve,
    /// They may not.
    Reject,
}

impl ChangeBody {
    /// Checks that it says one thing, and all of it.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with the field.
    pub fn check(&self) -> Result<(), Problem> {
        let refuse = |pointer: &str, rule: &str| {
            let subject = pointer.trim_start_matches('/');
            let subject = if subject.is_empty() {
                "The body"
            } else {
                subject
            };
            Err(Problem::new(Kind::InvalidBody)
                .detail(format!("{subject} {rule}."))
                .pointer(pointer, rule))
        };
        let said = [
            self.output.is_some(),
            self.rating.is_some(),
            self.decision.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            return refuse("", "must hold exactly one of output, rating and decision");
        }
        if self
            .rating
            .flatten()
            .is_some_and(|rating| !(1..=5).contains(&rating))
        {
            return refuse("/rating", "must lie between 1 and 5, or be null");
        }
        let reason = self.reason.as_deref().map_or("", str::trim);
        if reason.chars().count() > 1000 {
            return refuse("/reason", "must be at most 1000 characters");
        }
        if self.output.is_some() && self.reason.is_some() {
            return refuse("/reason", "must stand together with rating or decision");
        }
        if self.decision == Some(Decision::Reject) && reason.is_empty() {
            return refuse("/reason", "must say why it is rejected");
        }
        if self.decision != Some(Decision::Approve) {
            if self.content_hash.is_some() {
                return refuse("/content_hash", "must stand together with an approval");
            }
            if self.item.is_some() {
                return refuse("/item", "must stand together with an approval");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(body: Value) -> Option<String> {
        let body: ChangeBody = serde_json::from_value(body).unwrap();
        body.check()
            .err()
            .map(|problem| problem.into_body("r").errors[0].pointer.clone())
    }

    #[test]
    fn a_change_says_one_thing_and_all_of_it() {
        for (body, pointer) in [
            (json!({"rating": 5, "reason": "Good."}), None),
            (json!({"rating": null}), None),
            (
                json!({"decision": "approve", "content_hash": "h", "item": 0}),
                None,
            ),
            (json!({"decision": "reject", "reason": "No."}), None),
            (json!({"output": {}}), None),
            (json!({}), Some("")),
            (json!({"rating": 5, "decision": "approve"}), Some("")),
            (json!({"rating": 6}), Some("/rating")),
            (json!({"decision": "reject"}), Some("/reason")),
            (
                json!({"decision": "reject", "reason": " "}),
                Some("/reason"),
            ),
            (json!({"output": {}, "reason": "x"}), Some("/reason")),
            (json!({"rating": 1, "item": 0}), Some("/item")),
            (
                json!({"rating": 1, "content_hash": "h"}),
                Some("/content_hash"),
            ),
        ] {
            assert_eq!(check(body.clone()).as_deref(), pointer, "{body}");
        }
    }
}
