//! What a handler knows about its request.

use std::fmt::Display;
use std::{str::FromStr, sync::Arc, time::Instant};

use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::header::ORIGIN;
use secrecy::ExposeSecret;

use super::admission::Admission;
use super::declaration::{Declaration, Limit};
use super::mistake::Mistake;
use super::request::{Idempotency, version};
use super::response::allowed_origin;
use crate::problem::{FieldError, Kind, Problem};
use crate::{auth::Caller, config::Config, db::Db, ids::AgentId};

/// Hands work to the host, which keeps the instance until it is done.
pub(crate) type Background = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// The context of one request.
pub struct Ctx {
    pub(crate) declaration: &'static Declaration,
    pub(crate) config: &'static Config,
    pub(crate) caller: Option<Caller>,
    pub(crate) headers: HeaderMap,
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) request_id: String,
    pub(crate) deadline: Instant,
    pub(crate) background: Background,
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("operation", &self.declaration.id)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Ctx {
    /// The signed-in caller.
    ///
    /// # Panics
    ///
    /// On operations that are declared for anybody or for the scheduler: they have no user.
    pub fn user(&self) -> &Caller {
        let caller = self.caller.as_ref();
        caller.expect("the operation is declared for users")
    }

    /// The program that acts for the caller.
    ///
    /// # Panics
    ///
    /// On operations that are not declared for such programs.
    pub fn agent(&self) -> AgentId {
        let agent = self.user().agent;
        agent.expect("the operation is declared for programs that act for users")
    }

    /// Counts a call within this request against a limit of the caller's, beside the operation's own.
    ///
    /// # Errors
    ///
    /// [`Kind::RateLimited`]; [`Kind::DatabaseUnavailable`] when it costs money and the limiter cannot be asked.
    pub async fn count(&self, limit: Limit) -> Result<(), Problem> {
        if limit == Limit::None {
            return Ok(());
        }
        let admission = Admission::ask(self.config, limit, self.user().id).await?;
        admission.as_ref().map_or(Ok(()), Admission::enforce)
    }

    /// Whether the request comes from no page, or from one that may call this API.
    pub fn is_from_allowed_page(&self) -> bool {
        !self.headers.contains_key(ORIGIN) || allowed_origin(self.config, &self.headers).is_some()
    }

    /// A placeholder of the path, decoded once and parsed.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidId`].
    pub fn path<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Problem> {
        let value = self.path.iter().find(|(known, _)| *known == name);
        let value = value.map_or("", |(_, value)| value);
        value.parse().map_err(|error: T::Err| {
            let place = FieldError::parameter(name, "").with_value(Some(value.into()));
            let error = Mistake::of(&error.to_string()).at(place);
            Problem::new(Kind::InvalidId)
                .detail(format!("The path's {{{name}}} {}.", error.message))
                .error(error)
        })
    }

    /// Rows as the caller may see them.
    pub fn db(&self) -> Db {
        Db::as_user(self.config, self.user().token.expose_secret())
    }

    /// The functions that change state.
    pub fn engine(&self) -> Db {
        Db::engine(self.config)
    }

    /// The request's `Idempotency-Key`, on operations that honour it.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref()
    }

    /// The version in `If-Match`; none when any will do.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidHeader`] when it is no entity tag, [`Kind::VersionMismatch`] when it is none this API ever gave.
    pub fn if_match(&self) -> Result<Option<i64>, Problem> {
        version(&self.headers)
    }

    /// A request header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All request headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Configuration.
    pub fn config(&self) -> &'static Config {
        self.config
    }

    /// Id of the request, also in the answer's `x-request-id`.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the answer is due.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Works on after the answer. A convenience, not a queue: what must happen belongs into a step.
    pub fn background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let trace = crate::trace::current().unwrap_or_default();
        (self.background)(Box::pin(trace.follow(work)));
    }

    /// Calls the dispatcher, after the answer, because this request made a step due. A hint: the scheduler finds what it
    /// misses.
    pub fn wake_dispatcher(&self) {
        self.background(crate::wake::wake(self.config));
    }
}
