//! How often: what the limiter says about a call, and whose calls wait for its word.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::operation::Limit;
use super::{Kind, Problem};
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::ids::UserId;

/// Refused users that an instance remembers. Forgetting one costs the database one read that nobody gets to see.
const REMEMBERED: usize = 1_024;

/// The limiter's decision, as `engine.check_rate_limit` gives it.
#[derive(Debug, Deserialize)]
pub(super) struct RateLimitDecision {
    allowed: bool,
    remaining: u64,
    reset_seconds: u64,
    retry_after_seconds: u64,
    seconds_since_write: Option<f64>,
    #[serde(skip)]
    enforced: bool,
    #[serde(skip)]
    quota: u32,
    #[serde(skip)]
    class: &'static str,
}

impl RateLimitDecision {
    /// Whether the call may go on.
    ///
    /// # Errors
    ///
    /// [`Kind::RateLimited`].
    pub(super) fn verdict(&self) -> Result<(), Problem> {
        if self.allowed || !self.enforced {
            return Ok(());
        }
        Err(Problem::new(Kind::RateLimited)
            .detail(format!(
                "At most {} requests a minute of this kind. Wait {} s.",
                self.quota, self.retry_after_seconds
            ))
            .retry_after(Duration::from_secs(self.retry_after_seconds)))
    }

    /// Whether limits are on, so that the answer tells of them.
    pub(super) fn is_enforced(&self) -> bool {
        self.enforced
    }

    /// Since when the user has changed nothing; null when they never have.
    pub(super) fn seconds_since_write(&self) -> Option<f64> {
        self.seconds_since_write
    }

    /// `RateLimit-Policy`.
    pub(super) fn policy(&self) -> String {
        format!("\"{}\";q={};w=60", self.class, self.quota)
    }

    /// `RateLimit`.
    pub(super) fn state(&self) -> String {
        format!(
            "\"{}\";r={};t={}",
            self.class, self.remaining, self.reset_seconds
        )
    }
}

#[derive(Serialize)]
struct Arguments {
    p_user: UserId,
    p_class: &'static str,
    p_per_minute: u32,
    p_burst: u32,
}

/// Asks the limiter; null when it cannot be asked: then reads and changes go on and are judged by the database
/// itself, and whatever spends money is refused.
///
/// # Errors
///
/// [`Kind::DatabaseUnavailable`], and what `engine.check_rate_limit` refuses with: the account of a token must exist.
pub(super) async fn ask(
    config: &Config,
    limit: Limit,
    user: UserId,
) -> Result<Option<RateLimitDecision>, Problem> {
    let quota = limit.per_minute(config.limits.requests_per_minute);
    let enforced = config.limits.rate_limiting && limit != Limit::None;
    let allowance = if enforced { quota } else { 1_000_000 };
    let arguments = Arguments {
        p_user: user,
        p_class: limit.name(),
        p_per_minute: allowance,
        p_burst: allowance,
    };
    let answer = Db::engine(config)
        .call::<_, RateLimitDecision>("check_rate_limit", &arguments)
        .await;
    remember(
        user,
        answer
            .as_ref()
            .is_ok_and(|admission| admission.allowed && admission.remaining > 0),
    );
    match answer {
        Ok(admission) => Ok(Some(RateLimitDecision {
            enforced,
            quota,
            class: limit.name(),
            ..admission
        })),
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

/// Whether this instance last saw the user refused, or with nothing left. Everybody else's reads run beside the question;
/// their answers are withheld all the same when the limiter says no, and the user's next call waits.
pub(super) fn is_refused(user: UserId) -> bool {
    refused().contains(&user)
}

fn remember(user: UserId, admitted: bool) {
    let mut users = refused();
    if admitted {
        users.remove(&user);
        return;
    }
    if users.len() >= REMEMBERED {
        users.clear();
    }
    users.insert(user);
}

fn refused() -> MutexGuard<'static, HashSet<UserId>> {
    static USERS: OnceLock<Mutex<HashSet<UserId>>> = OnceLock::new();
    USERS
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_refused_user_waits_for_the_limiter_until_admitted_again_and_memory_is_bounded() {
        let users: Vec<UserId> = (0..REMEMBERED + 10)
            .map(|_| UserId(Uuid::now_v7()))
            .collect();
        for user in &users {
            assert!(!is_refused(*user));
            remember(*user, false);
            assert!(is_refused(*user));
            assert!(refused().len() <= REMEMBERED);
        }
        let last = users[users.len() - 1];
        remember(last, true);
        assert!(!is_refused(last));
    }
}
