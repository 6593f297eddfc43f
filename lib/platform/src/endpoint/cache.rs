//! Answers that may be given again: to the same user, for the same address, unchanged.
//!
//! Nothing is cached unless its operation says so. Every answer of such an operation has an `ETag` made of its bytes, so
//! that a client which has it already is told so without a body. Some are also kept by the instance for a few seconds,
//! under the user's id and the whole address. Who asks is decided before this is ever looked at: the token has been
//! verified and the limiter has admitted the call.
//!
//! A kept answer is given only to a user who has changed nothing for longer than any change may take. The limiter tells so
//! with its word, for all instances alike, and so no instance gives what another one has just made untrue.

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

use super::operation::{Caching, Declaration};
use crate::ids::UserId;

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// How long an answer is kept, and how long a browser may do so without asking again.
pub(super) const KEPT: Duration = Duration::from_secs(5);
/// How long after a user's last change their answers are kept again. Every change has ended by then: none may take longer
/// than a minute.
const SETTLED_AFTER_SECONDS: f64 = 90.0;
/// Answers that an instance keeps at most.
const MOST: usize = 256;
/// Bytes of answers that an instance keeps at most.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// A larger answer is not kept.
const LARGEST: usize = 256 * 1024;

/// The bytes of an answer, beside its body: what is already in memory as a whole.
#[derive(Clone, Debug)]
pub(super) struct Whole(pub(super) Bytes);

/// Whose answer, and to what.
type Key = (UserId, String);

#[derive(Clone, Debug)]
struct Kept {
    body: Bytes,
    content_type: Option<HeaderValue>,
    at: Instant,
}

/// What an instance keeps.
#[derive(Debug, Default)]
struct Store {
    answers: HashMap<Key, Kept>,
    bytes: usize,
}

impl Store {
    fn get(&mut self, key: &Key) -> Option<Kept> {
        let kept = self.answers.get(key)?;
        if kept.at.elapsed() < KEPT {
            return Some(kept.clone());
        }
        self.remove(&key.clone());
        None
    }

    fn put(&mut self, key: Key, kept: Kept) {
        if kept.body.len() > LARGEST {
            return;
        }
        self.remove(&key);
        while self.answers.len() >= MOST || self.bytes + kept.body.len() > MOST_BYTES {
            let oldest = self.answers.iter().min_by_key(|(_, kept)| kept.at);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            self.remove(&oldest);
        }
        self.bytes += kept.body.len();
        self.answers.insert(key, kept);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(gone) = self.answers.remove(key) {
            self.bytes -= gone.body.len();
        }
    }

    fn forget(&mut self, user: UserId) {
        let theirs: Vec<Key> = self
            .answers
            .keys()
            .filter(|(owner, _)| *owner == user)
            .cloned()
            .collect();
        for key in theirs {
            self.remove(&key);
        }
    }
}

fn store() -> MutexGuard<'static, Store> {
    static STORE: LazyLock<Mutex<Store>> = LazyLock::new(Mutex::default);
    STORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Drops everything that is kept for a user.
pub(super) fn forget(user: UserId) {
    store().forget(user);
}

/// The cache, as one call sees it.
#[derive(Debug)]
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
        let address = uri.path_and_query().map(ToString::to_string)?;
        Some(Self {
            caching: declaration.caching?,
            key: (user?, address),
            if_none_match: headers
                .get(IF_NONE_MATCH)
                .and_then(|value| value.to_str().ok())
                .map(ToOwned::to_owned),
        })
    }

    /// Whether the instance may hold an answer, so that the limiter has to be asked before the handler.
    pub(super) fn may_hold(&self) -> bool {
        self.caching == Caching::Kept && store().get(&self.key).is_some()
    }

    /// The kept answer, for a user whose last change was so long ago.
    pub(super) fn kept_answer(
        &self,
        seconds_since_write: Option<f64>,
    ) -> Option<Response<ResponseBody>> {
        if self.caching != Caching::Kept || !is_settled(seconds_since_write) {
            return None;
        }
        let kept = store().get(&self.key)?;
        let mut response = Response::new(ResponseBody::from(kept.body.clone()));
        let headers = response.headers_mut();
        if let Some(content_type) = kept.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        headers.insert(AGE, HeaderValue::from(kept.at.elapsed().as_secs()));
        headers.insert(X_CACHE, HeaderValue::from_static("HIT"));
        Some(self.finish(response, &kept.body))
    }

    /// Keeps a handler's answer where that is allowed, and tells the client what it may do with it.
    pub(super) fn take(
        &self,
        mut response: Response<ResponseBody>,
        seconds_since_write: Option<f64>,
    ) -> Response<ResponseBody> {
        let whole = response.extensions_mut().remove::<Whole>();
        let (Some(Whole(body)), StatusCode::OK) = (whole, response.status()) else {
            return response;
        };
        if self.caching == Caching::Kept {
            if is_settled(seconds_since_write) {
                store().put(
                    self.key.clone(),
                    Kept {
                        body: body.clone(),
                        content_type: response.headers().get(CONTENT_TYPE).cloned(),
                        at: Instant::now(),
                    },
                );
            }
            response
                .headers_mut()
                .insert(X_CACHE, HeaderValue::from_static("MISS"));
        }
        self.finish(response, &body)
    }

    fn finish(&self, mut response: Response<ResponseBody>, body: &Bytes) -> Response<ResponseBody> {
        let etag = etag(body);
        let known = self
            .if_none_match
            .as_deref()
            .is_some_and(|known| names(known, &etag));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = ResponseBody::from(Bytes::new());
            response.headers_mut().remove(CONTENT_TYPE);
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&etag) {
            headers.insert(ETAG, value);
        }
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static(match self.caching {
                Caching::Revalidated => "private, no-cache",
                Caching::Kept => "private, max-age=5",
            }),
        );
        // Two people may use one browser.
        headers.append(VARY, HeaderValue::from_static("authorization"));
        response
    }
}

/// Null: the user has never changed anything.
fn is_settled(seconds_since_write: Option<f64>) -> bool {
    seconds_since_write.is_none_or(|seconds| seconds > SETTLED_AFTER_SECONDS)
}

/// A tag of the bytes. It tells answers to one user apart; nobody gains by finding two alike.
fn etag(body: &Bytes) -> String {
    format!("\"{:032x}\"", xxh3_128(body))
}

/// Whether a list of entity tags holds one, whatever their strength (RFC 9110, 13.1.2).
fn names(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn kept(bytes: usize, age: Duration) -> Kept {
        Kept {
            body: vec![b'x'; bytes].into(),
            content_type: None,
            at: Instant::now().checked_sub(age).unwrap(),
        }
    }

    fn key(user: UserId, n: usize) -> Key {
        (user, format!("/api/videos?n={n}"))
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_bytes() {
        let (mut store, user) = (Store::default(), UserId(Uuid::now_v7()));
        for n in 0..3 * MOST {
            store.put(key(user, n), kept(10, Duration::ZERO));
            assert!(store.answers.len() <= MOST);
        }
        assert_eq!(store.bytes, MOST * 10);
        for n in 0..40 {
            store.put(key(user, n), kept(LARGEST, Duration::ZERO));
            assert!(store.bytes <= MOST_BYTES);
        }
        store.put(key(user, 0), kept(LARGEST + 1, Duration::ZERO));
        let counted: usize = store.answers.values().map(|kept| kept.body.len()).sum();
        assert_eq!(store.bytes, counted);
        store.forget(user);
        assert_eq!((store.bytes, store.answers.len()), (0, 0));
    }

    #[test]
    fn an_answer_is_the_users_own_and_gone_after_a_while() {
        let (one, other) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
        let mut store = Store::default();
        store.put(key(one, 1), kept(10, Duration::ZERO));
        store.put(key(one, 2), kept(10, KEPT));
        assert!(store.get(&key(one, 1)).is_some());
        assert!(store.get(&key(other, 1)).is_none());
        assert!(store.get(&key(one, 2)).is_none());
        assert_eq!(store.bytes, 10);
        store.put(key(other, 1), kept(10, Duration::ZERO));
        store.forget(one);
        assert!(store.get(&key(one, 1)).is_none() && store.get(&key(other, 1)).is_some());
    }

    #[test]
    fn whoever_changed_something_lately_gets_nothing_kept() {
        assert!(is_settled(None) && is_settled(Some(91.0)));
        assert!(!is_settled(Some(0.0)) && !is_settled(Some(-30.0)) && !is_settled(Some(89.0)));
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let tag = etag(&Bytes::from_static(b"[]"));
        assert_eq!(tag.len(), 34);
        for (list, is_named) in [
            (tag.clone(), true),
            (format!("W/{tag}"), true),
            (format!("\"other\", {tag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (tag.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(names(&list, &tag), is_named, "{list}");
        }
    }
}
