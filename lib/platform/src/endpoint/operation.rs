//! The declaration of an operation together with its types.

use std::marker::PhantomData;

use super::declaration::{Access, Caching, Declaration, ExtraResponse, Limit, Verb};
use crate::problem::Kind;

/// An operation with its types: query `Q`, body `B`, answer `A`.
#[derive(Debug)]
pub struct Operation<Q, B, A> {
    /// The declaration.
    pub declaration: Declaration,
    query: PhantomData<fn() -> Q>,
    body: PhantomData<fn() -> B>,
    answer: PhantomData<fn() -> A>,
}

impl<Q, B, A> Operation<Q, B, A> {
    const fn new(verb: Verb, id: &'static str, path: &'static str, status: u16) -> Self {
        Self {
            declaration: Declaration {
                id,
                verb,
                path,
                summary: "",
                description: "",
                access: Access::User,
                limit: Limit::Read,
                after_rate_limit: false,
                idempotent: false,
                editable: false,
                status,
                max_body: 64 * 1024,
                deadline_seconds: 25,
                produces: "application/json",
                problems: &[],
                also: &[],
                caching: None,
            },
            query: PhantomData,
            body: PhantomData,
            answer: PhantomData,
        }
    }

    /// `GET`, answers 200.
    #[must_use]
    pub const fn get(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Get, id, path, 200)
    }

    /// `POST`, answers 201 unless [`status`](Self::status) says otherwise.
    #[must_use]
    pub const fn post(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Post, id, path, 201)
    }

    /// `PATCH`, answers 200.
    #[must_use]
    pub const fn patch(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Patch, id, path, 200)
    }

    /// `DELETE`, answers 204 unless [`status`](Self::status) says otherwise.
    #[must_use]
    pub const fn delete(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Delete, id, path, 204)
    }

    /// One sentence that says what it does.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.declaration.summary = summary;
        self
    }

    /// More to say.
    #[must_use]
    pub const fn describe(mut self, description: &'static str) -> Self {
        self.declaration.description = description;
        self
    }

    /// Who may call; a signed-in user unless said otherwise.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.declaration.access = access;
        if matches!(access, Access::Public | Access::Cron) {
            self.declaration.limit = Limit::None;
        }
        self
    }

    /// Which limit it counts against.
    #[must_use]
    pub const fn limit(mut self, limit: Limit) -> Self {
        self.declaration.limit = limit;
        self
    }

    /// Runs only after the rate-limit decision, even when it reads: the limiter makes the row of a new user.
    #[must_use]
    pub const fn after_rate_limit(mut self) -> Self {
        self.declaration.after_rate_limit = true;
        self
    }

    /// Honours `Idempotency-Key`.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.declaration.idempotent = true;
        self
    }

    /// Honours `If-Match` (PATCH, DELETE) and sends `ETag`.
    #[must_use]
    pub const fn editable(mut self) -> Self {
        self.declaration.editable = true;
        self
    }

    /// Status of the ordinary answer.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.declaration.status = status;
        self
    }

    /// Largest body accepted, in bytes; 64 KiB unless said otherwise.
    #[must_use]
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.declaration.max_body = bytes;
        self
    }

    /// How long the answer may take, in seconds; 25 unless said otherwise.
    #[must_use]
    pub const fn deadline(mut self, seconds: u64) -> Self {
        self.declaration.deadline_seconds = seconds;
        self
    }

    /// Media type of the ordinary answer, when it is not JSON.
    #[must_use]
    pub const fn produces(mut self, media_type: &'static str) -> Self {
        self.declaration.produces = media_type;
        self
    }

    /// Answers beside the ordinary one that are no problems.
    #[must_use]
    pub const fn also(mut self, also: &'static [ExtraResponse]) -> Self {
        self.declaration.also = also;
        self
    }

    /// Lets the answer be given again to the same user.
    #[must_use]
    pub const fn cached(mut self, caching: Caching) -> Self {
        self.declaration.caching = Some(caching);
        self
    }

    /// Problems of its own.
    #[must_use]
    pub const fn problems(mut self, problems: &'static [Kind]) -> Self {
        self.declaration.problems = problems;
        self
    }
}
