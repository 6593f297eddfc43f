//! The project's signing keys: fetched once for all concurrent callers, kept for ten minutes, served stale for a while
//! when the service is away, and asked again for an unknown `kid` at most twice a minute.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use url::Url;

use super::claims::Rejection;
use super::fetch::{FetchError, fetch};
use super::key_set::{KeySet, Keys, Trusted, parse};
use crate::config::Config;

/// A key set is asked for again after this (the service's own `max-age`).
const FRESH: Duration = Duration::from_secs(600);
/// An unknown `kid` makes us ask again, at most this often.
const UNKNOWN_KID_EVERY: Duration = Duration::from_secs(30);
/// After a failed fetch the next one waits this long.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// A set older than this is not trusted any more, even when no newer one can be had.
const STALE_UNTIL: Duration = Duration::from_secs(3600);

/// A cache of one project's keys.
#[derive(Debug)]
pub(super) struct Jwks {
    url: Url,
    set: RwLock<Arc<KeySet>>,
    /// When the keys were last asked for. Whoever holds the lock asks; the others wait, or use the set there is.
    tried: Mutex<Option<Instant>>,
}

impl Jwks {
    /// The process's cache.
    pub(super) fn shared(config: &Config) -> &'static Self {
        static SHARED: OnceLock<Jwks> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut url = config.supabase.url.clone();
            url.set_path("/auth/v1/.well-known/jwks.json");
            Self::new(url)
        })
    }

    /// A cache of the keys at `url`.
    pub(super) fn new(url: Url) -> Self {
        Self {
            url,
            set: RwLock::default(),
            tried: Mutex::default(),
        }
    }

    /// The key with this id.
    ///
    /// # Errors
    ///
    /// [`Rejection::UnknownKey`]; [`Rejection::KeysUnavailable`] when there is no set young enough.
    pub(super) async fn find(&self, kid: &str) -> Result<Trusted, Rejection> {
        self.find_with(kid, || self.fetch()).await
    }

    /// Asks for the keys before the first caller needs them.
    pub(super) async fn prepare(&self) {
        let _ = self.find("").await;
    }

    async fn find_with<F>(
        &self,
        kid: &str,
        fetch: impl FnOnce() -> F + Send,
    ) -> Result<Trusted, Rejection>
    where
        F: Future<Output = Result<Keys, FetchError>> + Send,
    {
        let set = self.current();
        let mut known = set.trusted(kid).filter(|_| set.age() < STALE_UNTIL);
        if let Some(key) = known.take_if(|_| set.age() < FRESH) {
            return Ok(key);
        }
        // A key that is merely due for a refresh is not worth waiting for somebody else's.
        let turn = match known {
            Some(_) => self.tried.try_lock().ok(),
            None => Some(self.tried.lock().await),
        };
        if let Some(tried) = turn {
            self.refresh(tried, kid, fetch).await;
        }
        let set = self.current();
        if set.age() >= STALE_UNTIL {
            return Err(Rejection::KeysUnavailable);
        }
        set.trusted(kid).ok_or(Rejection::UnknownKey)
    }

    /// Fetches the keys, unless somebody has just done or tried so.
    async fn refresh<F>(
        &self,
        mut tried: MutexGuard<'_, Option<Instant>>,
        kid: &str,
        fetch: impl FnOnce() -> F + Send,
    ) where
        F: Future<Output = Result<Keys, FetchError>> + Send,
    {
        let set = self.current();
        let fresh = set.age() < FRESH;
        let pause = if fresh {
            UNKNOWN_KID_EVERY
        } else {
            RETRY_EVERY
        };
        let too_soon = tried.is_some_and(|at| at.elapsed() < pause);
        if too_soon || (fresh && set.contains(kid)) {
            return;
        }
        if fresh {
            // A caller who hangs up while we ask must not make the next one ask again.
            *tried = Some(Instant::now());
        }
        match fetch().await {
            Ok(keys) => self.replace(keys),
            Err(error) => tracing::warn!(error = %error, "signing keys could not be fetched"),
        }
        // Counted from the end: a service that lets us wait is not asked by each waiter in turn.
        *tried = Some(Instant::now());
    }

    fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, keys: Keys) {
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(KeySet::new(keys));
    }

    async fn fetch(&self) -> Result<Keys, FetchError> {
        let request = crate::db::http_client().get(self.url.clone());
        Ok(parse(&fetch(request).await?)?)
    }
}

#[cfg(test)]
mod tests;
