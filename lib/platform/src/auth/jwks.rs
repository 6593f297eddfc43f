//! The project's signing keys: fetched once for all concurrent callers, kept for ten minutes, served stale for a while
//! when the service is away, and asked again for an unknown `kid` at most twice a minute.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::Rejection;
use super::token::Verified;
use crate::config::Config;

/// A key set is asked for again after this (the service's own `max-age`).
const FRESH: Duration = Duration::from_secs(600);
/// An unknown `kid` makes us ask again, at most this often.
const UNKNOWN_KID_EVERY: Duration = Duration::from_secs(30);
/// After a failed fetch the next one waits this long.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// A set older than this is not trusted any more, even when no newer one can be had.
const STALE_UNTIL: Duration = Duration::from_secs(3600);
const MAX_BYTES: usize = 64 * 1024;

type Keys = HashMap<String, (DecodingKey, Algorithm)>;

/// A cache of one project's keys.
#[derive(Debug)]
pub struct Jwks {
    url: Url,
    set: RwLock<Arc<Set>>,
    /// When the keys were last asked for. Whoever holds the lock asks; the others wait, or use the set there is.
    tried: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Set {
    keys: Keys,
    fetched: Option<Instant>,
    verified: Arc<Verified>,
}

/// A key, and the tokens that were found to be signed by a key of its set.
#[derive(Debug)]
pub struct Trusted {
    /// The key.
    pub key: DecodingKey,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The tokens.
    pub verified: Arc<Verified>,
}

impl Set {
    fn trusted(&self, kid: &str) -> Option<Trusted> {
        self.keys.get(kid).map(|(key, algorithm)| Trusted {
            key: key.clone(),
            algorithm: *algorithm,
            verified: Arc::clone(&self.verified),
        })
    }
}

impl Set {
    fn age(&self) -> Duration {
        self.fetched.map_or(Duration::MAX, |at| at.elapsed())
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl Jwks {
    /// The process's cache.
    pub fn shared(config: &Config) -> &'static Self {
        static SHARED: OnceLock<Jwks> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut url = config.supabase.url.clone();
            url.set_path("/auth/v1/.well-known/jwks.json");
            Self::new(url)
        })
    }

    /// A cache of the keys at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
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
    pub async fn find(&self, kid: &str) -> Result<Trusted, Rejection> {
        self.find_with(kid, || self.fetch()).await
    }

    /// Asks for the keys before the first caller needs them.
    pub async fn prepare(&self) {
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
        // A key that is merely due for a look is not worth waiting for somebody else's look.
        let turn = match known {
            Some(_) => self.tried.try_lock().ok(),
            None => Some(self.tried.lock().await),
        };
        if let Some(mut tried) = turn {
            let set = self.current();
            let fresh = set.age() < FRESH;
            let pause = if fresh {
                UNKNOWN_KID_EVERY
            } else {
                RETRY_EVERY
            };
            let rested = tried.is_none_or(|at| at.elapsed() >= pause);
            if rested && !(fresh && set.keys.contains_key(kid)) {
                if fresh {
                    // A caller who hangs up while we ask must not make the next one ask again.
                    *tried = Some(Instant::now());
                }
                match fetch().await {
                    Ok(keys) => self.replace(keys),
                    Err(error) => {
                        tracing::warn!(error = %error, "signing keys could not be fetched")
                    }
                }
                // Counted from the end: a service that lets us wait is not asked by each waiter in turn.
                *tried = Some(Instant::now());
            }
        }
        let set = self.current();
        if set.age() >= STALE_UNTIL {
            return Err(Rejection::KeysUnavailable);
        }
        set.trusted(kid).ok_or(Rejection::UnknownKey)
    }

    fn current(&self) -> Arc<Set> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, keys: Keys) {
        let fetched = Some(Instant::now());
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Set {
            keys,
            fetched,
            verified: Arc::default(),
        });
    }

    async fn fetch(&self) -> Result<Keys, FetchError> {
        let mut response = crate::db::http_client()
            .get(self.url.clone())
            .timeout(Duration::from_secs(5))
            .send()
            .await?
            .error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let set: KeySet = serde_json::from_slice(&body)?;
        Ok(set.keys.into_iter().filter_map(usable).collect())
    }
}

/// A key we can verify with; one of an unknown kind must not cost us the others.
fn usable(key: serde_json::Value) -> Option<(String, (DecodingKey, Algorithm))> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    if !matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    ) {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    let kid = jwk.common.key_id.clone()?;
    Some((kid, (DecodingKey::from_jwk(&jwk).ok()?, algorithm)))
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("no answer")]
    Transport(#[from] reqwest::Error),
    #[error("the key set is larger than 64 KiB")]
    TooLarge,
    #[error("the key set is not JSON")]
    Json(#[from] serde_json::Error),
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use serde_json::json;
    use tokio::time::{advance, sleep};

    use super::*;

    /// A service with these keys, which counts how often it is asked.
    #[derive(Default)]
    struct Service {
        asked: AtomicU32,
        away: std::sync::atomic::AtomicBool,
        kids: std::sync::Mutex<Vec<&'static str>>,
    }

    impl Service {
        fn with(kids: &[&'static str]) -> Arc<Self> {
            let service = Arc::new(Self::default());
            service.publish(kids);
            service
        }

        fn publish(&self, kids: &[&'static str]) {
            *self.kids.lock().unwrap() = kids.to_vec();
        }

        fn asked(&self) -> u32 {
            self.asked.load(SeqCst)
        }

        async fn answer(&self, after: Duration) -> Result<Keys, FetchError> {
            self.asked.fetch_add(1, SeqCst);
            sleep(after).await;
            if self.away.load(SeqCst) {
                return Err(FetchError::TooLarge);
            }
            let key = |kid: &&str| {
                let key = (DecodingKey::from_secret(b"of a test"), Algorithm::ES256);
                ((*kid).to_owned(), key)
            };
            Ok(self.kids.lock().unwrap().iter().map(key).collect())
        }
    }

    fn cache() -> Arc<Jwks> {
        Arc::new(Jwks::new("http://localhost/keys".parse().unwrap()))
    }

    async fn find(cache: &Jwks, service: &Service, kid: &str) -> Result<(), Rejection> {
        let fetch = || service.answer(Duration::from_millis(200));
        cache.find_with(kid, fetch).await.map(drop)
    }

    /// A thousand callers at once, and how many of them found the key.
    async fn crowd(cache: &Arc<Jwks>, service: &Arc<Service>, kid: &'static str) -> usize {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let (cache, service) = (Arc::clone(cache), Arc::clone(service));
            callers.spawn(async move { find(&cache, &service, kid).await.is_ok() });
        }
        let answers = callers.join_all().await;
        answers.into_iter().filter(|found| *found).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_cold_callers_fetch_once() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        assert_eq!(crowd(&cache, &service, "a").await, 1000);
        assert_eq!(service.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_cold_callers_of_a_dead_service_fetch_once() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        service.away.store(true, SeqCst);
        let began = Instant::now();
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let (cache, service) = (Arc::clone(&cache), Arc::clone(&service));
            callers.spawn(async move {
                // Longer than the pause between tries, as a connection that hangs is.
                let fetch = || service.answer(RETRY_EVERY * 2);
                cache.find_with("a", fetch).await.map(drop)
            });
        }
        let answers = callers.join_all().await;
        assert!(
            answers
                .iter()
                .all(|a| *a == Err(Rejection::KeysUnavailable))
        );
        assert_eq!(service.asked(), 1);
        assert!(began.elapsed() < RETRY_EVERY * 3, "nobody waits in a row");
        service.away.store(false, SeqCst);
        assert!(find(&cache, &service, "a").await.is_err(), "not at once");
        advance(RETRY_EVERY).await;
        assert!(find(&cache, &service, "a").await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_serves_the_old_set_up_to_the_bound() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        find(&cache, &service, "a").await.unwrap();
        let fetched = Instant::now();
        service.away.store(true, SeqCst);
        while fetched.elapsed() + Duration::from_secs(7) < STALE_UNTIL {
            find(&cache, &service, "a").await.unwrap();
            advance(Duration::from_secs(7)).await;
        }
        advance(STALE_UNTIL.saturating_sub(fetched.elapsed())).await;
        let late = find(&cache, &service, "a").await;
        assert_eq!(late.unwrap_err(), Rejection::KeysUnavailable);
        service.away.store(false, SeqCst);
        advance(RETRY_EVERY).await;
        find(&cache, &service, "a").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_verified_with_a_set_goes_with_it() {
        let (cache, service) = (cache(), Service::with(&["a", "b"]));
        let fetch = || service.answer(Duration::ZERO);
        let first = cache.find_with("a", fetch).await.unwrap();
        let other = cache.find_with("b", fetch).await.unwrap();
        assert!(Arc::ptr_eq(&first.verified, &other.verified));
        advance(FRESH).await;
        let next = cache.find_with("a", fetch).await.unwrap();
        assert!(!Arc::ptr_eq(&first.verified, &next.verified));
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_key_never_waits_for_somebody_elses_look() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        find(&cache, &service, "a").await.unwrap();
        advance(FRESH).await;
        let looking = tokio::spawn({
            let (cache, service) = (Arc::clone(&cache), Arc::clone(&service));
            async move { find(&cache, &service, "a").await }
        });
        tokio::task::yield_now().await;
        assert_eq!(service.asked(), 2);
        let began = Instant::now();
        find(&cache, &service, "a").await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        looking.await.unwrap().unwrap();
        assert_eq!(service.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn random_kids_cause_one_fetch_in_thirty_seconds() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        find(&cache, &service, "a").await.unwrap();
        let began = Instant::now();
        for n in 0..10_000 {
            let unknown = find(&cache, &service, &format!("random {n}")).await;
            assert_eq!(unknown.unwrap_err(), Rejection::UnknownKey);
            find(&cache, &service, "a").await.unwrap();
            advance(Duration::from_millis(18)).await;
        }
        let bound = began.elapsed().as_secs() / UNKNOWN_KID_EVERY.as_secs() + 1;
        assert!(u64::from(service.asked()) <= bound, "{}", service.asked());
    }

    #[tokio::test(start_paused = true)]
    async fn callers_who_hang_up_do_not_make_others_ask() {
        let (cache, service) = (cache(), Service::with(&["a"]));
        find(&cache, &service, "a").await.unwrap();
        advance(UNKNOWN_KID_EVERY).await;
        for n in 0..100 {
            let kid = format!("random {n}");
            let asked = find(&cache, &service, &kid);
            let hung_up = tokio::time::timeout(Duration::from_millis(1), asked).await;
            assert!(n > 0 || hung_up.is_err());
        }
        assert_eq!(service.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn rotation_refuses_nobody_and_revocation_takes_ten_minutes() {
        let (cache, service) = (cache(), Service::with(&["a", "standby"]));
        find(&cache, &service, "a").await.unwrap();
        // The key that stands by comes into use; another one is made.
        service.publish(&["standby", "next", "a"]);
        find(&cache, &service, "standby").await.unwrap();
        find(&cache, &service, "a").await.unwrap();
        // A key that nobody announced is found at the next look.
        advance(UNKNOWN_KID_EVERY).await;
        find(&cache, &service, "next").await.unwrap();
        service.publish(&["next"]);
        advance(FRESH).await;
        let revoked = find(&cache, &service, "a").await;
        assert_eq!(revoked.unwrap_err(), Rejection::UnknownKey);
    }

    #[test]
    fn only_keys_for_signatures_are_taken() {
        let key = |extra: serde_json::Value| {
            let mut key = json!({
                "kty": "EC", "crv": "P-256", "kid": "k",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            });
            key.as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            usable(key)
        };
        assert!(key(json!({})).is_some());
        assert!(key(json!({"use": "sig", "alg": "ES256", "key_ops": ["verify"]})).is_some());
        for wrong in [
            json!({"use": "enc"}),
            json!({"kid": null}),
            json!({"crv": "P-384"}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"kty": "nonsense"}),
        ] {
            assert!(key(wrong.clone()).is_none(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_key_makes_the_reader_panic(kty in "EC|RSA|OKP|oct|\\PC{0,8}", n in "\\PC{0,60}", e in "\\PC{0,60}") {
            let _ = usable(json!({"kty": kty, "crv": "P-256", "kid": n, "n": n, "e": e, "x": e, "y": n, "k": n}));
            let _ = serde_json::from_str::<KeySet>(&n);
        }
    }
}
