//! Waking the dispatcher.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use crate::config::Config;

/// Calls the dispatcher of this deployment. A hint: what a lost call misses, the scheduler finds within a minute. Of calls
/// that follow one another closely the first is made at once and one more after the last, because a dispatcher takes
/// whatever is due.
pub async fn wake(config: &'static Config) {
    static NEWEST: Mutex<Option<Instant>> = Mutex::new(None);
    let Some(secret) = &config.app.cron_secret else {
        return;
    };
    let now = Instant::now();
    let next = next_wake(
        &mut NEWEST.lock().unwrap_or_else(PoisonError::into_inner),
        now,
    );
    let Some(at) = next else {
        return;
    };
    if at > now {
        tokio::time::sleep_until(at.into()).await;
    }
    let mut url = config.app.url.clone();
    url.set_path("/api/cron/dispatch");
    let call = crate::db::http_client()
        .post(url)
        .timeout(Duration::from_secs(5))
        .bearer_auth(secret.expose_secret())
        .send();
    if let Err(error) = call.await {
        tracing::warn!(error = %error.without_url(), "dispatcher could not be woken");
    }
}

/// Two calls of the dispatcher by one instance are at least this far apart.
const WAKE_GAP: Duration = Duration::from_millis(100);

/// When to call the dispatcher for work that is due `now`; never, when a call is still to be made. `newest` is the time of
/// the newest call, made or to be made.
fn next_wake(newest: &mut Option<Instant>, now: Instant) -> Option<Instant> {
    let at = match *newest {
        Some(newest) if newest > now => return None,
        Some(newest) => now.max(newest + WAKE_GAP),
        None => now,
    };
    *newest = Some(at);
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_wake_is_followed_by_a_call_within_the_gap_and_calls_keep_it(
            pauses in proptest::collection::vec(0u64..250, 1..50),
        ) {
            let (mut newest, mut now, mut calls) = (None, Instant::now(), Vec::new());
            for pause in pauses {
                now += Duration::from_millis(pause);
                calls.extend(next_wake(&mut newest, now));
                let last = *calls.last().unwrap();
                prop_assert!(last >= now && last <= now + WAKE_GAP);
            }
            prop_assert!(calls.windows(2).all(|pair| pair[1] - pair[0] >= WAKE_GAP));
        }
    }
}
