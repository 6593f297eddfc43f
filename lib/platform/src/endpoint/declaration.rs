//! What one operation is: the functions run on these declarations, and OpenAPI, the docs and the checks are made from them.

use std::{marker::PhantomData, time::Duration};

use http::Method;

use crate::problem::Kind;

/// HTTP methods the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "HTTP's own names")]
pub enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

impl Verb {
    /// Whether a request of this method is meant: HEAD is GET without the body (RFC 9110, 9.3.2).
    pub(super) fn answers(self, method: &Method) -> bool {
        match *method {
            Method::HEAD => self == Self::Get,
            ref method => self.as_str() == method.as_str(),
        }
    }

    /// As written on the wire.
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
    /// A program that acts for a user: its access token names it as `client_id`. It may call nothing else.
    Agent,
    /// The scheduler (`Authorization: Bearer $CRON_SECRET`).
    Cron,
}

impl Access {
    /// Whether a call carries a user's access token.
    pub const fn signs_in(self) -> bool {
        matches!(self, Self::User | Self::Admin | Self::Agent)
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
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::Spend => "spend",
        }
    }

    /// Which part of a user's requests a minute may be of this class: one in so many.
    pub const fn divisor(self) -> u32 {
        match self {
            Self::None | Self::Read => 1,
            Self::Write => 2,
            Self::Spend => 10,
        }
    }
}

/// What an operation is, without its types.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Operation id, which generators make a function's name of: `listChannels`. Also the span's name and the idempotency scope.
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
    /// Why sending a POST twice does no harm although it takes no `Idempotency-Key`; empty where it takes one.
    pub repeatable: &'static str,
    /// What a list is ordered by; empty for what is no list.
    pub order: &'static str,
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
    /// Answers beside the ordinary one that are no problems.
    pub also: &'static [ExtraResponse],
    /// Whether it belongs to a protocol with documents of its own, and is left out of the OpenAPI document.
    pub described_elsewhere: bool,
    /// Whether and how the ordinary answer may be given again: what a user reads is, with its `ETag`.
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
}

impl Declaration {
    /// The resource that it belongs to: the first segment of its path below `/api`.
    pub fn resource(&self) -> &'static str {
        self.path.split('/').nth(2).unwrap_or_default()
    }

    /// How long the answer may take.
    pub const fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// Whether it only reads, so that it may run before the limiter has answered.
    pub(super) fn may_run_beside_rate_limit(&self) -> bool {
        self.verb == Verb::Get && self.limit == Limit::Read && !self.after_rate_limit
    }

    /// Names of the path's placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/').filter_map(placeholder);
        segments.map(|(name, _)| name)
    }
}

/// The name of a segment's placeholder and what is written after it: `{secret}.ics`.
pub(super) fn placeholder(segment: &'static str) -> Option<(&'static str, &'static str)> {
    segment.strip_prefix('{')?.split_once('}')
}

/// An operation with its types: query `Q`, body `B`, answer `A`.
#[derive(Debug)]
#[must_use]
pub struct Operation<Q, B, A> {
    /// The declaration.
    pub declaration: Declaration,
    types: PhantomData<fn(Q, B) -> A>,
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
                repeatable: "",
                order: "",
                editable: false,
                status,
                max_body: 64 * 1024,
                deadline_seconds: 25,
                produces: "application/json",
                problems: &[],
                also: &[],
                described_elsewhere: false,
                caching: match verb {
                    Verb::Get => Some(Caching::Revalidated),
                    _ => None,
                },
            },
            types: PhantomData,
        }
    }

    /// `GET`, answers 200.
    pub const fn get(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Get, id, path, 200)
    }

    /// `POST`, answers 201 unless [`status`](Self::status) says otherwise.
    pub const fn post(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Post, id, path, 201)
    }

    /// `PATCH`, answers 200.
    pub const fn patch(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Patch, id, path, 200)
    }

    /// `DELETE`, answers 204; [`ends_later`](Self::ends_later) adds 202.
    pub const fn delete(id: &'static str, path: &'static str) -> Self {
        Self::new(Verb::Delete, id, path, 204)
    }

    /// Who may call; a signed-in user unless said otherwise.
    pub const fn access(mut self, access: Access) -> Self {
        self.declaration.access = access;
        if !access.signs_in() {
            self.declaration.limit = Limit::None;
        }
        if !matches!(access, Access::User) {
            self.declaration.caching = None;
        }
        self
    }

    /// Media type of the ordinary answer, when it is not JSON. Such answers are made as they are sent, and not kept.
    pub const fn produces(mut self, media_type: &'static str) -> Self {
        self.declaration.produces = media_type;
        self.declaration.caching = None;
        self
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty)?) $field:ident = $value:expr;)*) => {
        impl<Q, B, A> Operation<Q, B, A> {$(
            $(#[$doc])*
            pub const fn $name(mut self $(, $argument: $type)?) -> Self {
                self.declaration.$field = $value;
                self
            }
        )*}
    };
}

setters! {
    /// One sentence that says what it does.
    summary(text: &'static str) summary = text;
    /// More to say.
    describe(text: &'static str) description = text;
    /// Which limit it counts against.
    limit(limit: Limit) limit = limit;
    /// Runs only after the rate-limit decision, even when it reads: the limiter makes the row of a new user.
    after_rate_limit() after_rate_limit = true;
    /// Honours `Idempotency-Key`.
    idempotent() idempotent = true;
    /// A POST that may be sent twice without an `Idempotency-Key`, and why.
    repeatable(reason: &'static str) repeatable = reason;
    /// What a list is ordered by: a sentence.
    order(sentence: &'static str) order = sentence;
    /// Honours `If-Match` (PATCH, DELETE) and sends `ETag`.
    editable() editable = true;
    /// Status of the ordinary answer.
    status(status: u16) status = status;
    /// Largest body accepted, in bytes; 64 KiB unless said otherwise.
    max_body(bytes: usize) max_body = bytes;
    /// How long the answer may take, in seconds; 25 unless said otherwise.
    deadline(seconds: u64) deadline_seconds = seconds;
    /// Answers beside the ordinary one that are no problems.
    also(also: &'static [ExtraResponse]) also = also;
    /// Leaves it out of the OpenAPI document: a protocol with documents of its own describes it.
    described_elsewhere() described_elsewhere = true;
    /// Lets the answer be given again to the same user.
    cached(caching: Caching) caching = Some(caching);
    /// Problems of its own.
    problems(problems: &'static [Kind]) problems = problems;
}
