//! The product's time on a local stack: one offset, moved in the database, for the functions and for the stand-ins at once.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
};

use catalyst_cli::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio::sync::Mutex;

/// The stack's clock.
#[derive(Debug)]
pub struct Clock {
    file: PathBuf,
    database: Option<PgPool>,
    stand_ins: Option<fakes::Clock>,
    advanced: AtomicI64,
    moving: Mutex<()>,
}

impl Clock {
    /// Reads the offset of the database (or, beside a database that is not ours, of the stand-ins), and hands it to the
    /// others.
    pub async fn start(
        file: PathBuf,
        database: Option<PgPool>,
        stand_ins: Option<fakes::Clock>,
    ) -> Result<Self> {
        let clock = Self {
            file,
            database,
            stand_ins,
            advanced: AtomicI64::new(0),
            moving: Mutex::new(()),
        };
        let offset = match clock.offset_in_database().await? {
            Some(offset) => offset,
            None => clock
                .stand_ins
                .as_ref()
                .map_or(0, |clock| clock.offset_ms() / 1000),
        };
        clock.advanced.store(offset, Ordering::SeqCst);
        clock.publish()?;
        Ok(clock)
    }

    /// The product's time.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.advanced())
    }

    /// How far the product's time is ahead, in seconds.
    pub(crate) fn advanced(&self) -> i64 {
        self.advanced.load(Ordering::SeqCst)
    }

    /// Moves the product's time forward.
    pub(crate) async fn advance(&self, seconds: u32) -> Result {
        let _moving = self.moving.lock().await;
        let by = i64::from(seconds);
        if let Some(database) = &self.database {
            move_database(database, by).await?;
        }
        self.advanced.fetch_add(by, Ordering::SeqCst);
        self.publish()?;
        // The scheduler goes by real minutes: what has become due by this jump should not wait for the next one.
        match &self.database {
            Some(database) if has_clock(database).await? => wake(database).await,
            _ => Ok(()),
        }
    }

    async fn offset_in_database(&self) -> Result<Option<i64>> {
        let Some(database) = &self.database else {
            return Ok(None);
        };
        if !has_clock(database).await? {
            return Ok(Some(0));
        }
        sqlx::query_scalar(
            "select coalesce(extract(epoch from max(advance))::bigint, 0) from private.clock",
        )
        .fetch_one(database)
        .await
        .map(Some)
        .map_err(Error::database("cannot read the clock"))
    }

    /// Hands the offset to the functions, by the file, and to the stand-ins.
    fn publish(&self) -> Result {
        if let Some(stand_ins) = &self.stand_ins {
            stand_ins.set_offset_ms(self.advanced() * 1000);
        }
        let partial = self.file.with_extension("partial");
        fs::write(&partial, self.advanced().to_string())
            .and_then(|()| fs::rename(&partial, &self.file))
            .map_err(Error::io(format!("cannot write {}", self.file.display())))
    }
}

async fn wake(database: &PgPool) -> Result {
    sqlx::query("select private.wake_dispatcher()")
        .execute(database)
        .await
        .map(drop)
        .map_err(Error::database("cannot wake the dispatcher"))
}

async fn has_clock(database: &PgPool) -> Result<bool> {
    sqlx::query_scalar("select to_regclass('private.clock') is not null")
        .fetch_one(database)
        .await
        .map_err(Error::database("cannot read the clock"))
}

/// Moves the domain's clock and makes queue messages visible by as much earlier, in one transaction.
async fn move_database(database: &PgPool, seconds: i64) -> Result {
    let failed = || Error::database("cannot move the clock");
    if !has_clock(database).await? {
        return Ok(());
    }
    let mut transaction = database.begin().await.map_err(failed())?;
    sqlx::query("update private.clock set advance = advance + make_interval(secs => $1)")
        .bind(seconds as f64)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
    let queues: Vec<String> =
        sqlx::query_scalar("select format('%I', 'q_' || queue_name) from pgmq.meta")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed())?;
    for queue in queues {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "update pgmq.{queue} set vt = vt - make_interval(secs => $1)"
        )))
        .bind(seconds as f64)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
    }
    transaction.commit().await.map_err(failed())
}
