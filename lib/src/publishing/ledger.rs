//! The ledger of YouTube's daily quota: reserve before a call, settle after it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use platform::db::{Db, DbError};

/// An allowance that YouTube counts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// `videos.insert`, 1 a call.
    Uploads,
    /// `search.list`, 1 a page.
    Search,
    /// `videos.batchGetStats`, 1 a call.
    BatchGetStats,
    /// Everything else, by its units.
    Units,
}

impl Bucket {
    /// As it is written in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Search => "search",
            Self::BatchGetStats => "batch_get_stats",
            Self::Units => "units",
        }
    }
}

/// The ledger's answer to a reservation.
#[derive(Clone, Debug, Deserialize)]
struct Granted {
    granted: bool,
    reservation: Option<Uuid>,
    resets_at: Timestamp,
}

/// Units that are promised to one call.
#[derive(Clone, Copy, Debug)]
#[must_use = "a reservation that is not settled stays counted until its day ends"]
pub struct Reservation(pub Uuid);

/// The day's allowance is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the day's allowance is used up until {resets_at}")]
pub struct UsedUp {
    /// When the next quota day starts.
    pub resets_at: Timestamp,
}

/// Reserves units for a call that is about to be made.
///
/// # Errors
///
/// [`DbError`]; an empty bucket is the inner error.
pub async fn reserve(
    engine: &Db,
    bucket: Bucket,
    units: u32,
) -> Result<Result<Reservation, UsedUp>, DbError> {
    let arguments = json!({ "p_bucket": bucket.as_str(), "p_units": units });
    let answer: Granted = engine.call("reserve_quota", &arguments).await?;
    Ok(match answer.reservation.filter(|_| answer.granted) {
        Some(id) => Ok(Reservation(id)),
        None => Err(UsedUp {
            resets_at: answer.resets_at,
        }),
    })
}

impl Reservation {
    /// Notes what was really spent. `exhausted`: YouTube itself said that the day is used up.
    ///
    /// # Errors
    ///
    /// [`DbError`]; the units then stay counted, which is the safe side.
    pub async fn settle(self, engine: &Db, spent: u32, exhausted: bool) -> Result<(), DbError> {
        let arguments =
            json!({ "p_reservation": self.0, "p_spent": spent, "p_exhausted": exhausted });
        engine
            .call::<_, bool>("settle_quota", &arguments)
            .await
            .map(drop)
    }
}
