//! Why a synchronisation ended early: what becomes of its step, and what the user is told.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::channels::access::{AccessError, CallError};
use crate::pipeline::{Outcome, StepError};
use crate::quota::QuotaError;
use clients::youtube::{self, ErrorKind};
use platform::db::DbError;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub(super) enum SyncError {
    #[error("the database could not be asked")]
    Db(#[from] DbError),
    #[error(transparent)]
    Call(#[from] CallError),
    /// Trying again does not help.
    #[error("{message}")]
    Permanent {
        code: &'static str,
        message: &'static str,
    },
}

impl SyncError {
    /// YouTube's refusal, if it was that.
    pub(super) fn youtube_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Call(error) => error.youtube_kind(),
            Self::Db(_) | Self::Permanent { .. } => None,
        }
    }
}

/// What the user is told while the synchronisation waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pause {
    pub(super) reason: &'static str,
    pub(super) retry_after: Duration,
}

pub(super) fn classify(error: &SyncError, now: Timestamp) -> (Outcome, Option<Pause>) {
    match error {
        SyncError::Permanent { code, message } => discard(code, message),
        SyncError::Db(_) | SyncError::Call(CallError::Quota(QuotaError::Db(_))) => {
            (retry("database_unavailable", error, None), None)
        }
        SyncError::Call(CallError::Quota(QuotaError::UsedUp { resets_at, .. })) => {
            quota_used_up(resets_at.duration_since(now))
        }
        // The channel says so already; connecting it again starts a new step.
        SyncError::Call(CallError::Access(AccessError::Disconnected(_))) => (Outcome::Done, None),
        SyncError::Call(CallError::Access(access)) => {
            let pause = Pause {
                reason: "google_unavailable",
                retry_after: MINUTE,
            };
            (access.outcome(), Some(pause))
        }
        SyncError::Call(CallError::YouTube(youtube)) => refused_by_youtube(error, youtube),
    }
}

fn refused_by_youtube(error: &SyncError, youtube: &youtube::Error) -> (Outcome, Option<Pause>) {
    match youtube.kind() {
        Some(ErrorKind::ScopeMissing) => discard(
            "permission_read_missing",
            "The granted permissions do not allow reading the channel.",
        ),
        Some(ErrorKind::NoChannel) => discard("no_channel", "The account has no channel any more."),
        Some(ErrorKind::AccountBroken) => discard(
            "account_broken",
            "YouTube says that the account is closed or suspended.",
        ),
        _ => {
            let after = youtube.retry_after();
            let pause = Pause {
                reason: "youtube_unavailable",
                retry_after: after.unwrap_or(MINUTE),
            };
            (retry(youtube.code(), error, after), Some(pause))
        }
    }
}

/// Goes on a little after the quota day's end, and not all channels at once.
fn quota_used_up(until: SignedDuration) -> (Outcome, Option<Pause>) {
    let reason = "quota_exhausted";
    let after =
        until.max(SignedDuration::ZERO).unsigned_abs() + Duration::from_secs(fastrand::u64(5..120));
    let pause = Pause {
        reason,
        retry_after: after,
    };
    (Outcome::Snooze { after, reason }, Some(pause))
}

fn retry(code: &str, error: &SyncError, after: Option<Duration>) -> Outcome {
    Outcome::Retry {
        after,
        error: StepError::new(code, error.to_string()),
    }
}

fn discard(code: &str, message: &str) -> (Outcome, Option<Pause>) {
    let error = StepError::new(code, message);
    (Outcome::Discard { error }, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::Disconnection;
    use clients::youtube::ApiError;

    fn api(kind: ErrorKind, retry_after: Option<Duration>) -> SyncError {
        SyncError::Call(CallError::YouTube(youtube::Error::Api(ApiError {
            kind,
            status: 500,
            reason: "r".into(),
            metric: None,
            retry_after,
        })))
    }

    #[test]
    fn a_used_up_quota_is_waited_for_until_its_day_ends() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        let used_up = QuotaError::UsedUp {
            resets_at: now + SignedDuration::from_hours(12),
            remaining: 0,
        };
        let (outcome, pause) = classify(&SyncError::Call(used_up.into()), now);
        assert!(
            matches!(outcome, Outcome::Snooze { after, reason: "quota_exhausted" } if after >= Duration::from_secs(43_200))
        );
        assert_eq!(pause.unwrap().reason, "quota_exhausted");
    }

    #[test]
    fn what_passes_is_tried_again_when_youtube_says() {
        let half_minute = Duration::from_secs(30);
        let busy = api(ErrorKind::Unavailable, Some(half_minute));
        let (outcome, pause) = classify(&busy, Timestamp::UNIX_EPOCH);
        assert!(
            matches!(outcome, Outcome::Retry { after: Some(after), .. } if after == half_minute)
        );
        let pause = pause.unwrap();
        assert_eq!(
            (pause.reason, pause.retry_after),
            ("youtube_unavailable", half_minute)
        );
        let too_fast = api(ErrorKind::RateLimited, None);
        assert!(matches!(
            classify(&too_fast, Timestamp::UNIX_EPOCH).0,
            Outcome::Retry { after: None, .. }
        ));
    }

    #[test]
    fn what_does_not_pass_ends_the_step() {
        let revoked = AccessError::Disconnected(Disconnection::GrantRevoked);
        let revoked = SyncError::Call(revoked.into());
        assert!(matches!(
            classify(&revoked, Timestamp::UNIX_EPOCH).0,
            Outcome::Done
        ));
        for kind in [
            ErrorKind::ScopeMissing,
            ErrorKind::NoChannel,
            ErrorKind::AccountBroken,
        ] {
            assert!(matches!(
                classify(&api(kind, None), Timestamp::UNIX_EPOCH).0,
                Outcome::Discard { .. }
            ));
        }
    }
}
