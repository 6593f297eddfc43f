//! The declaration of one operation: what the functions run on, and what OpenAPI, the docs and the checks are made from.

use std::marker::PhantomData;
use std::time::Duration;

use super::Kind;

/// HTTP methods the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// POST
    Post,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Verb {
    /// As written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// A signed-in user (`Authorization: Bearer <access token>`).
    User,
    /// A user whose `app_metadata.role` is `admin`.
    Admin,
    /// The scheduler (`Authorization: Bearer $CRON_SECRET`).
    Cron,
}

impl Access {
    /// Whether a call carries a user's access token.
    #[must_use]
    pub const fn signs_in(self) -> bool {
        matches!(self, Self::User | Self::Admin)
    }
}

/// Which limit a call counts against. Limits are kept per user and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// None: for routes without a user.
    None,
    /// Reads: `MAX_API_REQUESTS_PER_MINUTE`.
    Read,
    /// Changes: half of it.
    Write,
    /// Whatever costs money: a tenth of it; refused when the limiter cannot be asked.
    Spend,
}

impl Limit {
    /// Name of the class, as in `RateLimit-Policy`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::Spend => "spend",
        }
    }

    /// Requests a minute, from the deployment's limit.
    #[must_use]
    pub fn per_minute(self, limit: u32) -> u32 {
        match self {
            Self::None | Self::Read => limit,
            Self::Write => (limit / 2).max(1),
            Self::Spend => (limit / 10).max(1),
        }
    }
}

/// What an operation is, without its types.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Operation id: `channels.list`. Also the span's name, the idempotency scope and the OpenAPI id.
    pub id: &'static str,
    /// Method.
    pub verb: Verb,
    /// Path with `{placeholders}`; `vercel.json` leads it to the file under `api/` that serves it.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// More, when there is more to say.
    pub description: &'static str,
    /// Who may call.
    pub access: Access,
    /// Which limit it counts against.
    pub limit: Limit,
    /// Whether it waits for the rate-limit decision even when it only reads.
    pub after_rate_limit: bool,
    /// Whether `Idempotency-Key` is honoured.
    pub idempotent: bool,
    /// Whether `If-Match` is honoured and `ETag` is sent.
    pub editable: bool,
    /// Status of the ordinary answer.
    pub status: u16,
    /// Largest body accepted, in bytes.
    pub max_body: usize,
    /// How long the answer may take, in seconds.
    pub deadline_seconds: u64,
    /// Media type of the ordinary answer.
    pub produces: &'static str,
    /// Problems of this operation's own, beside those every operation can have.
    pub problems: &'static [Kind],
    /// Another media type in which problems are told, to browsers.
    pub problem_page: Option<&'static str>,
    /// Answers beside the ordinary one that are no problems.
    pub also: &'static [ExtraResponse],
    /// Whether and how the ordinary answer may be given again; never unless said otherwise.
    pub caching: Option<Caching>,
}

/// How an answer may be given again, to the same user only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// The client asks each time, with the `ETag` it has.
    Revalidated,
    /// For five seconds, by the client and by the instance.
    Kept,
}

/// An answer beside the ordinary one.
#[derive(Clone, Copy, Debug)]
pub struct ExtraResponse {
    /// Status.
    pub status: u16,
    /// Media type, and whether the body is that of the ordinary answer; none without a body.
    pub body: Option<(&'static str, BodyForm)>,
    /// When it is given.
    pub when: &'static str,
}

/// What stands in the body of an [`ExtraResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// What the ordinary answer holds.
    Same,
    /// Text.
    Text,
    /// JSON of another kind.
    Any,
}

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
                problem_page: None,
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

    /// Another media type in which problems are told, to browsers.
    #[must_use]
    pub const fn problem_page(mut self, media_type: &'static str) -> Self {
        self.declaration.problem_page = Some(media_type);
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

impl Declaration {
    /// How long the answer may take.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// Whether it only reads, so that it may run before the limiter has answered.
    #[must_use]
    pub(super) fn reads_ahead(&self) -> bool {
        self.verb == Verb::Get && self.limit == Limit::Read && !self.after_rate_limit
    }

    /// Names of the path's placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        self.path
            .split('/')
            .filter_map(|s| s.strip_prefix('{').and_then(|s| s.strip_suffix('}')))
    }
}
