use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use jsonwebtoken::{Algorithm, DecodingKey};
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
async fn a_known_key_never_waits_for_somebody_elses_refresh() {
    let (cache, service) = (cache(), Service::with(&["a"]));
    find(&cache, &service, "a").await.unwrap();
    advance(FRESH).await;
    let refreshing = tokio::spawn({
        let (cache, service) = (Arc::clone(&cache), Arc::clone(&service));
        async move { find(&cache, &service, "a").await }
    });
    tokio::task::yield_now().await;
    assert_eq!(service.asked(), 2);
    let began = Instant::now();
    find(&cache, &service, "a").await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    refreshing.await.unwrap().unwrap();
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
    // A key that nobody announced is found at the next refresh.
    advance(UNKNOWN_KID_EVERY).await;
    find(&cache, &service, "next").await.unwrap();
    service.publish(&["next"]);
    advance(FRESH).await;
    let revoked = find(&cache, &service, "a").await;
    assert_eq!(revoked.unwrap_err(), Rejection::UnknownKey);
}
