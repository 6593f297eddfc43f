//! The product's time on a local stack: one offset, moved in the database, for the functions and for the stand-ins at once.

use std::sync::atomic::{AtomicI64, Ordering};
use std::{fs, path::PathBuf};

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
        let offset = match &database {
            Some(database) => offset_in(database).await?,
            None => stand_ins
                .as_ref()
                .map_or(0, |clock| clock.offset_ms() / 1000),
        };
        let (advanced, moving) = (AtomicI64::new(offset), Mutex::default());
        let clock = Self {
            file,
            database,
            stand_ins,
            advanced,
            moving,
        };
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
        let database = match &self.database {
            Some(database) if has_clock(database).await? => Some(database),
            _ => None,
        };
        if let Some(database) = database {
            let moved = move_database(database, seconds.into()).await;
            moved.map_err(Error::database("cannot move the clock"))?;
        }
        self.advanced.fetch_add(seconds.into(), Ordering::SeqCst);
        self.publish()?;
        // The scheduler goes by real minutes: what has become due by this jump should not wait for the next one.
        let Some(database) = database else {
            return Ok(());
        };
        let woken = sqlx::query("select private.wake_dispatcher()")
            .execute(database)
            .await;
        woken
            .map(drop)
            .map_err(Error::database("cannot wake the dispatcher"))
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

async fn offset_in(database: &PgPool) -> Result<i64> {
    if !has_clock(database).await? {
        return Ok(0);
    }
    sqlx::query_scalar(
        "select coalesce(extract(epoch from max(advance))::bigint, 0) from private.clock",
    )
    .fetch_one(database)
    .await
    .map_err(Error::database("cannot read the clock"))
}

async fn has_clock(database: &PgPool) -> Result<bool> {
    sqlx::query_scalar("select to_regclass('private.clock') is not null")
        .fetch_one(database)
        .await
        .map_err(Error::database("cannot read the clock"))
}

/// Moves the domain's clock and makes queue messages visible by as much earlier, in one transaction.
async fn move_database(database: &PgPool, seconds: f64) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query("update private.clock set advance = advance + make_interval(secs => $1)")
        .bind(seconds)
        .execute(&mut *transaction)
        .await?;
    let queues: Vec<String> =
        sqlx::query_scalar("select format('%I', 'q_' || queue_name) from pgmq.meta")
            .fetch_all(&mut *transaction)
            .await?;
    for queue in queues {
        let sql = format!("update pgmq.{queue} set vt = vt - make_interval(secs => $1)");
        let earlier = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(seconds);
        earlier.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
