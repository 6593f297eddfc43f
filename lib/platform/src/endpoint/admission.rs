//! How often a user may call, and which of their answers are given again.
//!
//! Every answer of an operation that is cached has an `ETag` made of its bytes, for 304. Some are also kept by the instance,
//! under the user's id and the whole address, and given only to a user who has changed nothing for longer than any change may
//! take. The limiter knows that for all instances alike, so none gives what another one has just made untrue.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AGE, CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use http::{Response, StatusCode, request::Parts};
use serde::Deserialize;
use serde_json::json;
use vercel_runtime::ResponseBody;

use super::declaration::{Caching, Declaration, Limit};
use super::reply::Whole;
use super::response::with_etag;
use crate::db::{Db, DbError};
use crate::problem::{Kind, Problem};
use crate::{config::Config, ids::UserId};

/// How long an answer is kept, and how long a browser may do so without asking again.
const KEPT: Duration = Duration::from_secs(5);
/// Answers that an instance keeps at most, their bytes in all, and the bytes of one.
const MOST: usize = 256;
const MOST_BYTES: usize = 4 * 1024 * 1024;
const LARGEST: usize = 256 * 1024;
/// A change takes no longer: no operation's deadline is above a minute.
const SETTLED_AFTER_SECONDS: f64 = 90.0;

/// The limiter's decision, as `engine.check_rate_limit` gives it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Admission {
    allowed: bool,
    /// As the user's plan says, or the deployment.
    per_minute: u32,
    remaining: u64,
    reset_seconds: u64,
    retry_after_seconds: u64,
    seconds_since_write: Option<f64>,
    #[serde(skip)]
    class: &'static str,
    /// Requests a minute; none where limits are off.
    #[serde(skip)]
    quota: Option<u32>,
}

impl Admission {
    /// Asks the limiter; none when it cannot be asked. Then reads and changes go on, because the database checks them too, and
    /// whatever spends money is refused. So is an account that does not exist any more.
    pub(super) async fn ask(
        config: &Config,
        limit: Limit,
        user: UserId,
    ) -> Result<Option<Self>, Problem> {
        let on = config.limits.rate_limiting && limit != Limit::None;
        let class = limit.name();
        let arguments = json!({
            "p_user": user,
            "p_class": class,
            // The user's plan may say otherwise.
            "p_per_minute": on.then_some(config.limits.requests_per_minute),
            "p_divisor": limit.divisor(),
        });
        match Db::engine(config).call::<_, Self>("check_rate_limit", &arguments).await {
            Ok(decision) => {
                let quota = on.then_some(decision.per_minute);
                Ok(Some(Self { class, quota, ..decision }))
            }
            Err(error @ DbError::Refused { .. }) => Err(error.into()),
            Err(error) if limit == Limit::Spend => Err(Problem::new(Kind::DatabaseUnavailable)
                .detail("The limiter cannot be asked, and this request may cost money. Nothing was done. Try again shortly.")
                .source(error)),
            Err(error) => {
                tracing::warn!(error = %error, "the limiter cannot be asked");
                Ok(None)
            }
        }
    }

    /// Whether the call may go on.
    pub(super) fn enforce(&self) -> Result<(), Problem> {
        let (Some(quota), false) = (self.quota, self.allowed) else {
            return Ok(());
        };
        let wait = self.retry_after_seconds;
        let detail = format!("At most {quota} requests a minute of this kind. Wait {wait} s.");
        let problem = Problem::new(Kind::RateLimited).detail(detail);
        Err(problem.retry_after(Duration::from_secs(wait)))
    }

    /// `RateLimit-Policy` and `RateLimit`, where limits are on.
    pub(super) fn headers(&self) -> Option<[(&'static str, String); 2]> {
        let (class, quota) = (self.class, self.quota?);
        let policy = format!("\"{class}\";q={quota};w=60");
        let state = format!("\"{class}\";r={};t={}", self.remaining, self.reset_seconds);
        Some([("ratelimit-policy", policy), ("ratelimit", state)])
    }

    /// Whether the user's last change, if there ever was one, has ended by now in whatever instance.
    fn is_settled(&self) -> bool {
        self.seconds_since_write
            .is_none_or(|seconds| seconds > SETTLED_AFTER_SECONDS)
    }
}

/// Whose answers, and to what; when they were made.
type Answers = HashMap<(UserId, String), (Instant, Bytes)>;

fn answers() -> MutexGuard<'static, Answers> {
    static ANSWERS: LazyLock<Mutex<Answers>> = LazyLock::new(Mutex::default);
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The answers that may be given again, as one call sees them.
pub(super) struct Cache {
    caching: Caching,
    key: (UserId, String),
    if_none_match: Option<HeaderValue>,
}

impl Cache {
    /// The cache of a call; none when its operation does not say so, or nobody is signed in.
    pub(super) fn of(
        declaration: &Declaration,
        user: Option<UserId>,
        head: &Parts,
    ) -> Option<Self> {
        let address = head.uri.path_and_query()?.to_string();
        Some(Self {
            caching: declaration.caching?,
            key: (user?, address),
            if_none_match: head.headers.get(IF_NONE_MATCH).cloned(),
        })
    }

    /// What the instance has kept for this call.
    pub(super) fn kept(&self) -> Option<(Instant, Bytes)> {
        let kept = answers().get(&self.key).cloned();
        kept.filter(|(at, _)| at.elapsed() < KEPT)
    }

    /// Gives what was kept, if the user has changed nothing since.
    pub(super) fn again(
        &self,
        (at, body): (Instant, Bytes),
        user: &Admission,
    ) -> Option<Response<ResponseBody>> {
        let mut response = Response::new(ResponseBody::from(body.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AGE, HeaderValue::from(at.elapsed().as_secs()));
        headers.insert("x-cache", HeaderValue::from_static("HIT"));
        user.is_settled()
            .then(|| with_etag(response, &body, self.caching, self.if_none_match.as_ref()))
    }

    /// Keeps a handler's answer where that is allowed, and tells the client what it may do with it.
    pub(super) fn take(
        &self,
        mut response: Response<ResponseBody>,
        user: &Admission,
    ) -> Response<ResponseBody> {
        let whole = response.extensions_mut().remove::<Whole>();
        let (Some(Whole(body)), StatusCode::OK) = (whole, response.status()) else {
            return response;
        };
        if self.caching == Caching::Kept {
            if user.is_settled() && body.len() <= LARGEST {
                self.keep(&mut answers(), body.clone());
            }
            let miss = HeaderValue::from_static("MISS");
            response.headers_mut().insert("x-cache", miss);
        }
        with_etag(response, &body, self.caching, self.if_none_match.as_ref())
    }

    fn keep(&self, answers: &mut Answers, body: Bytes) {
        answers.retain(|_, (at, _)| at.elapsed() < KEPT);
        let bytes: usize = answers.values().map(|(_, body)| body.len()).sum();
        if answers.len() >= MOST || bytes + body.len() > MOST_BYTES {
            answers.clear();
        }
        answers.insert(self.key.clone(), (Instant::now(), body));
    }
}

#[cfg(test)]
mod tests;
