//! The limiter: how often a user may call, and whose reads wait for its decision.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::declaration::Limit;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::ids::UserId;
use crate::problem::{Kind, Problem};

/// Refused users that an instance remembers. Forgetting one costs the database one read whose answer is withheld.
const REMEMBERED: usize = 1_024;
/// A change takes no longer: no operation's deadline is above a minute.
const SETTLED_AFTER_SECONDS: f64 = 90.0;

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
    pub(super) fn enforce(&self) -> Result<(), Problem> {
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

    /// Whether the user's last change, if there ever was one, has ended by now in whatever instance.
    pub(super) fn is_settled(&self) -> bool {
        self.seconds_since_write
            .is_none_or(|seconds| seconds > SETTLED_AFTER_SECONDS)
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
}

/// Asks the limiter; none when it cannot be asked. Then reads and changes go on, because the database checks them too, and
/// whatever spends money is refused.
///
/// # Errors
///
/// [`Kind::DatabaseUnavailable`], and what `engine.check_rate_limit` refuses with: the account of a token must exist.
pub(super) async fn check(
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
    };
    let answer = Db::engine(config)
        .call::<_, RateLimitDecision>("check_rate_limit", &arguments)
        .await;
    remember(
        user,
        answer
            .as_ref()
            .is_ok_and(|decision| decision.allowed && decision.remaining > 0),
    );
    match answer {
        Ok(decision) => Ok(Some(RateLimitDecision {
            enforced,
            quota,
            class: limit.name(),
            ..decision
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

/// Whether this instance last saw the user refused, or with nothing left, so that their reads wait for the next decision.
/// Everybody else's run beside the check, and their answers are withheld when it says no.
pub(super) fn is_refused(user: UserId) -> bool {
    refused().contains(&user)
}

fn remember(user: UserId, allowed: bool) {
    let mut users = refused();
    if allowed {
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
mod tests;
