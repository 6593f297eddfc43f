//! Answers that may be given again: to the same user, for the same address, unchanged.
//!
//! Every answer of an operation that is cached has an `ETag` made of its bytes, for 304. Some are also kept by the instance,
//! under the user's id and the whole address, and given only to a user who has changed nothing for longer than any change may
//! take. The limiter knows that for all instances alike, so none gives what another one has just made untrue.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use http::{HeaderMap, Response, StatusCode, Uri};
use vercel_runtime::ResponseBody;
use xxhash_rust::xxh3::xxh3_128;

use super::answer::Whole;
use super::declaration::{Caching, Declaration};
use super::rate_limit::RateLimitDecision;
use crate::ids::UserId;

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// How long an answer is kept, and how long a browser may do so without asking again.
const KEPT: Duration = Duration::from_secs(5);
/// Answers that an instance keeps at most, their bytes in all, and the bytes of one.
const MOST: usize = 256;
const MOST_BYTES: usize = 4 * 1024 * 1024;
const LARGEST: usize = 256 * 1024;

/// Whose answer, and to what.
type Key = (UserId, String);
type Answers = HashMap<Key, (Instant, Bytes)>;

fn answers() -> MutexGuard<'static, Answers> {
    static ANSWERS: LazyLock<Mutex<Answers>> = LazyLock::new(Mutex::default);
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Drops what is kept for a user.
pub(super) fn forget(user: UserId) {
    answers().retain(|(owner, _), _| *owner != user);
}

fn keep(answers: &mut Answers, key: Key, body: Bytes) {
    answers.retain(|_, (at, _)| at.elapsed() < KEPT);
    let bytes: usize = answers.values().map(|(_, body)| body.len()).sum();
    if answers.len() >= MOST || bytes + body.len() > MOST_BYTES {
        answers.clear();
    }
    answers.insert(key, (Instant::now(), body));
}

/// The cache, as one call sees it.
pub(super) struct Cache {
    caching: Caching,
    key: Key,
    if_none_match: Option<String>,
}

impl Cache {
    /// The cache of a call; none when its operation does not say so, or nobody is signed in.
    pub(super) fn of(
        declaration: &Declaration,
        user: Option<UserId>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Self> {
        let known = headers.get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
        Some(Self {
            caching: declaration.caching?,
            key: (user?, uri.path_and_query()?.to_string()),
            if_none_match: known.map(ToOwned::to_owned),
        })
    }

    fn find(&self) -> Option<(Instant, Bytes)> {
        let found = answers().get(&self.key).cloned();
        found.filter(|(at, _)| self.caching == Caching::Kept && at.elapsed() < KEPT)
    }

    /// Whether the instance holds an answer, so that the limiter has to be asked before the handler.
    pub(super) fn holds_answer(&self) -> bool {
        self.find().is_some()
    }

    /// The answer that is kept for the caller.
    pub(super) fn kept_answer(&self, limit: &RateLimitDecision) -> Option<Response<ResponseBody>> {
        let (at, body) = self.find().filter(|_| limit.is_settled())?;
        let mut response = Response::new(ResponseBody::from(body.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AGE, HeaderValue::from(at.elapsed().as_secs()));
        headers.insert(X_CACHE, HeaderValue::from_static("HIT"));
        Some(self.finish(response, &body))
    }

    /// Keeps a handler's answer where that is allowed, and tells the client what it may do with it.
    pub(super) fn take(
        &self,
        mut response: Response<ResponseBody>,
        limit: &RateLimitDecision,
    ) -> Response<ResponseBody> {
        let whole = response.extensions_mut().remove::<Whole>();
        let (Some(Whole(body)), StatusCode::OK) = (whole, response.status()) else {
            return response;
        };
        if self.caching == Caching::Kept {
            if limit.is_settled() && body.len() <= LARGEST {
                keep(&mut answers(), self.key.clone(), body.clone());
            }
            let miss = HeaderValue::from_static("MISS");
            response.headers_mut().insert(X_CACHE, miss);
        }
        self.finish(response, &body)
    }

    fn finish(&self, mut response: Response<ResponseBody>, body: &Bytes) -> Response<ResponseBody> {
        // A tag of the bytes: it tells answers to one user apart, and nobody gains by finding two alike.
        let etag = format!("\"{:032x}\"", xxh3_128(body));
        if names(self.if_none_match.as_deref().unwrap_or_default(), &etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = ResponseBody::from(());
            response.headers_mut().remove(CONTENT_TYPE);
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        let control = match self.caching {
            Caching::Revalidated => "private, no-cache",
            Caching::Kept => "private, max-age=5",
        };
        let headers = response.headers_mut();
        headers.extend(HeaderValue::from_str(&etag).map(|etag| (ETAG, etag)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(control));
        // Two people may use one browser.
        headers.append(VARY, HeaderValue::from_static("authorization"));
        response
    }
}

/// Whether a list of entity tags holds one, whatever their strength (RFC 9110, 13.1.2).
fn names(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests;
