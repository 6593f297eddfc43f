//! YouTube's daily quota: every unit is reserved in the database before the call and settled after it. The ledger is one
//! row for each bucket and quota day.
//!
//! [`spend`] counts one call. [`Meter`] counts many: it reserves units in chunks, so that not every call asks the database.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use clients::youtube::{self, ErrorKind};
use platform::db::{Db, DbError};
use platform::ids::ChannelId;

/// Units reserved at once; what a killed process leaves unsettled stays counted until the quota day ends.
const CHUNK: u32 = 40;

/// An allowance that YouTube counts by itself. Uploads have one too; the database reserves it when it prepares an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// `videos.batchGetStats`, 1 a call.
    BatchGetStats,
    /// Everything else, by its units.
    Units,
}

impl Bucket {
    const fn as_str(self) -> &'static str {
        match self {
            Self::BatchGetStats => "batch_get_stats",
            Self::Units => "units",
        }
    }
}

/// What a call is for, which decides what of the day's allowance it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// It can wait for tomorrow.
    Ordinary,
    /// Tomorrow is too late: it may use what is kept for that.
    Due,
    /// It keeps a video from publication. Only YouTube's answer stops it, never our own count.
    Withdrawal,
}

/// For which channel calls are made, and what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spender<'a> {
    pub(crate) engine: &'a Db,
    pub(crate) channel: ChannelId,
    pub(crate) purpose: Purpose,
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
async fn reserve(
    spender: Spender<'_>,
    bucket: Bucket,
    units: u32,
) -> Result<(Reservation, Timestamp), QuotaError> {
    #[derive(Deserialize)]
    struct Answer {
        reservation: Option<Uuid>,
        resets_at: Timestamp,
        remaining: u32,
    }
    let arguments = json!({
        "p_bucket": bucket.as_str(), "p_units": units, "p_channel": spender.channel, "p_purpose": spender.purpose,
    });
    let answer: Answer = spender.engine.call("reserve_quota", &arguments).await?;
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
    spender: Spender<'_>,
    bucket: Bucket,
    units: u32,
    call: impl Future<Output = Result<T, youtube::Error>>,
) -> Result<T, E> {
    let (reservation, _) = reserve(spender, bucket, units).await?;
    let answer = call.await;
    let exhausted = matches!(&answer, Err(error) if error.kind() == Some(ErrorKind::DailyQuota));
    let settled = reservation.settle(spender.engine, units, exhausted).await;
    settled.map_err(QuotaError::from)?;
    Ok(answer?)
}

/// One bucket's units for the calls of one step.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    spender: Spender<'a>,
    bucket: Bucket,
    chunk: Mutex<Option<Chunk>>,
}

#[derive(Debug)]
struct Chunk {
    reservation: Reservation,
    resets_at: Timestamp,
    reserved: u32,
    spent: u32,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(engine: &'a Db, channel: ChannelId, bucket: Bucket) -> Self {
        let purpose = Purpose::Ordinary;
        Self {
            spender: Spender {
                engine,
                channel,
                purpose,
            },
            bucket,
            chunk: Mutex::new(None),
        }
    }

    /// Counts units that are about to be spent.
    pub(crate) async fn take(&self, units: u32) -> Result<(), QuotaError> {
        let mut current = self.chunk.lock().await;
        if let Some(chunk) = current.as_mut()
            && chunk.spent + units <= chunk.reserved
        {
            chunk.spent += units;
            return Ok(());
        }
        if let Some(chunk) = current.take() {
            self.end(chunk, false).await;
        }
        let mut reserved = CHUNK.max(units);
        let mut answer = reserve(self.spender, self.bucket, reserved).await;
        if matches!(answer, Err(QuotaError::UsedUp { remaining, .. }) if remaining >= units) {
            reserved = units;
            answer = reserve(self.spender, self.bucket, reserved).await;
        }
        let (reservation, resets_at) = answer?;
        *current = Some(Chunk {
            reservation,
            resets_at,
            reserved,
            spent: units,
        });
        Ok(())
    }

    /// Settles what is reserved. `exhausted`: YouTube said that the day's quota is used up, so nobody asks again before it
    /// ends. Answers with that end, if anything was reserved.
    pub(crate) async fn settle(&self, exhausted: bool) -> Option<Timestamp> {
        let chunk = self.chunk.lock().await.take()?;
        let resets_at = chunk.resets_at;
        self.end(chunk, exhausted).await;
        Some(resets_at)
    }

    async fn end(&self, chunk: Chunk, exhausted: bool) {
        let Chunk {
            reservation, spent, ..
        } = chunk;
        if let Err(error) = reservation
            .settle(self.spender.engine, spent, exhausted)
            .await
        {
            tracing::warn!(bucket = self.bucket.as_str(), error = %error, "quota could not be settled; it stays counted");
        }
    }
}
