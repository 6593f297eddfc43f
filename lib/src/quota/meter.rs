//! Counts the units of many calls: reserved in chunks, settled with what was spent.

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::ledger::{Bucket, QuotaError, Reservation, reserve};
use platform::db::Db;

/// Units reserved at once; what a killed process leaves unsettled stays counted until the quota day ends.
const CHUNK: u32 = 40;

/// One bucket's units for the calls of one step.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    engine: &'a Db,
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
    pub(crate) fn new(engine: &'a Db, bucket: Bucket) -> Self {
        Self {
            engine,
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
        let mut answer = reserve(self.engine, self.bucket, reserved).await;
        if matches!(answer, Err(QuotaError::UsedUp { remaining, .. }) if remaining >= units) {
            reserved = units;
            answer = reserve(self.engine, self.bucket, reserved).await;
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
        if let Err(error) = reservation.settle(self.engine, spent, exhausted).await {
            tracing::warn!(bucket = self.bucket.as_str(), error = %error, "quota could not be settled; it stays counted");
        }
    }
}
