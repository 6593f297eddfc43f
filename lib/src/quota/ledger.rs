//! Reservations in the ledger, which is one row for each bucket and quota day.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use clients::youtube::{self, ErrorKind};
use platform::db::{Db, DbError};

/// An allowance that YouTube counts by itself. Uploads have one too; the database reserves it when it prepares an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// `videos.batchGetStats`, 1 a call.
    BatchGetStats,
    /// Everything else, by its units.
    Units,
}

impl Bucket {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::BatchGetStats => "batch_get_stats",
            Self::Units => "units",
        }
    }
}

/// Why units could not be reserved or settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuotaError {
    #[error("YouTube's daily quota is used up until {resets_at}")]
    UsedUp {
        /// When the next quota day starts.
        resets_at: Timestamp,
        /// Units that are left, fewer than were asked for.
        remaining: u32,
    },
    #[error("the database could not be asked")]
    Db(#[from] DbError),
}

/// Units that are reserved for calls; settle it with what was spent, or they stay counted until the quota day ends.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Reservation(pub(crate) Uuid);

impl Reservation {
    /// Records what was spent. `exhausted`: YouTube itself said that the day's quota is used up.
    pub(crate) async fn settle(
        self,
        engine: &Db,
        spent: u32,
        exhausted: bool,
    ) -> Result<(), DbError> {
        let arguments =
            json!({ "p_reservation": self.0, "p_spent": spent, "p_exhausted": exhausted });
        engine
            .call::<_, bool>("settle_quota", &arguments)
            .await
            .map(drop)
    }
}

/// Reserves units; also says when the quota day ends.
pub(crate) async fn reserve(
    engine: &Db,
    bucket: Bucket,
    units: u32,
) -> Result<(Reservation, Timestamp), QuotaError> {
    #[derive(Deserialize)]
    struct Answer {
        reservation: Option<Uuid>,
        resets_at: Timestamp,
        remaining: u32,
    }
    let arguments = json!({ "p_bucket": bucket.as_str(), "p_units": units });
    let answer: Answer = engine.call("reserve_quota", &arguments).await?;
    match answer.reservation {
        Some(id) => Ok((Reservation(id), answer.resets_at)),
        None => Err(QuotaError::UsedUp {
            resets_at: answer.resets_at,
            remaining: answer.remaining,
        }),
    }
}

/// Makes one call that costs `units`: reserved before it, settled after it, whatever YouTube answers.
pub(crate) async fn spend<T, E: From<QuotaError> + From<youtube::Error>>(
    engine: &Db,
    bucket: Bucket,
    units: u32,
    call: impl Future<Output = Result<T, youtube::Error>>,
) -> Result<T, E> {
    let (reservation, _) = reserve(engine, bucket, units).await?;
    let answer = call.await;
    let exhausted = matches!(&answer, Err(error) if error.kind() == Some(ErrorKind::DailyQuota));
    let settled = reservation.settle(engine, units, exhausted).await;
    settled.map_err(QuotaError::from)?;
    Ok(answer?)
}
