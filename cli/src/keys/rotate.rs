//! Encrypting every value again under the newest key.

use std::fmt;

use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use crate::{Error, Result, postgres::connection::connect};

/// Rows read at once.
const BATCH: i64 = 200;
/// How often all columns are gone through before the tool gives up on writers that still use an older key.
const PASSES: usize = 5;

/// Each encrypted column of the database has a line here: table, column, what names its rows, and the owner that its
/// values are bound to.
const COLUMNS: &str = "\
private.channel_credentials refresh_token channel_id owner_id
private.channel_credentials access_token channel_id owner_id
private.oauth_states code_verifier id user_id
private.upload_sessions session_uri id (select u.channel_id from public.scheduled_uploads u where u.id = t.upload_id)
private.webhook_secrets secret id (select e.user_id from public.webhook_endpoints e where e.id = t.endpoint_id)";

/// A line of [`COLUMNS`].
struct Column {
    table: &'static str,
    name: &'static str,
    row: &'static str,
    owner: &'static str,
}

impl Column {
    fn all() -> impl Iterator<Item = Self> {
        COLUMNS.lines().filter_map(|line| {
            let mut words = line.splitn(4, ' ');
            let (table, name, row, owner) =
                (words.next()?, words.next()?, words.next()?, words.next()?);
            Some(Self {
                table,
                name,
                row,
                owner,
            })
        })
    }

    fn failed(&self) -> impl FnOnce(sqlx::Error) -> Error + use<> {
        Error::database(format!("cannot renew {}.{}", self.table, self.name))
    }

    /// A query of the values that are not under the newest key (`$1`).
    fn select(&self, what: &str) -> String {
        let Self {
            table,
            name,
            row,
            owner,
        } = self;
        let rows = format!("select {row} as id, {owner} as owner, {name} as value from {table} t");
        format!("select {what} from ({rows}) v where split_part(value, '.', 2) <> $1")
    }
}

/// What a rotation came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// Values encrypted again.
    pub renewed: u64,
    /// Values that somebody else replaced between reading and writing.
    pub overtaken: u64,
    /// Values that are not under the newest key at the end.
    pub left: u64,
    /// Why, for each value that does not open.
    pub refused: Vec<String>,
}

impl fmt::Display for Rotation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for reason in &self.refused {
            writeln!(out, "{reason}")?;
        }
        let (renewed, overtaken, left) = (self.renewed, self.overtaken, self.left);
        write!(
            out,
            "{renewed} values encrypted again, {overtaken} were replaced meanwhile, {left} left under older keys"
        )
    }
}

/// Encrypts every value that is under an older key again.
///
/// # Errors
///
/// [`Error`] when the keys are malformed or the database refuses. A value that does not open stops nothing: it is counted.
pub async fn rotate(database: PgConnectOptions, keys: &SecretString) -> Result<Rotation> {
    let ring = KeyRing::parse(keys).map_err(|error| {
        let cure = "set TOKEN_ENCRYPTION_KEYS to `new:base64,old:base64`, as the functions have it";
        Error::setup(error.to_string(), cure)
    })?;
    let newest = keys.expose_secret().split(':').next().unwrap_or_default();
    let mut run = Run {
        connection: connect(&database).await?,
        ring,
        newest: newest.trim(),
        came_to: Rotation::default(),
    };
    for _ in 0..PASSES {
        let before = (run.came_to.renewed, run.came_to.overtaken);
        run.came_to.refused.clear();
        for column in Column::all() {
            run.renew(&column).await.map_err(column.failed())?;
        }
        if before == (run.came_to.renewed, run.came_to.overtaken) {
            break;
        }
    }
    for column in Column::all() {
        run.count_left(&column).await.map_err(column.failed())?;
    }
    drop(run.connection.close().await);
    Ok(run.came_to)
}

/// A rotation under way.
struct Run<'a> {
    connection: PgConnection,
    ring: KeyRing,
    /// The id of the newest key.
    newest: &'a str,
    came_to: Rotation,
}

impl Run<'_> {
    /// Counts the values that are not under the newest key.
    async fn count_left(&mut self, column: &Column) -> sqlx::Result<()> {
        let count = sqlx::query_scalar(AssertSqlSafe(column.select("count(*)")));
        let count = count.bind(self.newest).fetch_one(&mut self.connection);
        let left: i64 = count.await?;
        self.came_to.left += left.unsigned_abs();
        Ok(())
    }

    /// Encrypts the values again, as far as they are under an older key.
    async fn renew(&mut self, column: &Column) -> sqlx::Result<()> {
        let select = column.select("id, owner, value");
        let sql = format!("{select} and id > $2 order by id limit {BATCH}");
        let mut last = Uuid::nil();
        loop {
            let read = sqlx::query_as(AssertSqlSafe(sql.as_str()))
                .bind(self.newest)
                .bind(last);
            let batch: Vec<(Uuid, Uuid, String)> = read.fetch_all(&mut self.connection).await?;
            let Some((id, ..)) = batch.last() else {
                return Ok(());
            };
            last = *id;
            for (row, owner, old) in batch {
                self.renew_one(column, row, owner, &old).await?;
            }
        }
    }

    async fn renew_one(
        &mut self,
        column: &Column,
        row: Uuid,
        owner: Uuid,
        old: &str,
    ) -> sqlx::Result<()> {
        let (table, name) = (column.table, column.name);
        let context = EncryptionContext {
            table,
            column: name,
            row,
            owner,
        };
        let opened = self.ring.open(&context, old);
        match opened.and_then(|plain| self.ring.seal(&context, plain.expose_secret())) {
            Ok(new) if self.replace(column, row, old, &new).await? => self.came_to.renewed += 1,
            Ok(_) => self.came_to.overtaken += 1,
            Err(error) => {
                let reason = format!("{table}.{name} of {row}: {error}");
                self.came_to.refused.push(reason);
            }
        }
        Ok(())
    }

    /// Replaces a value, unless somebody else has replaced it meanwhile.
    async fn replace(
        &mut self,
        column: &Column,
        id: Uuid,
        old: &str,
        new: &str,
    ) -> sqlx::Result<bool> {
        let (table, name, row) = (column.table, column.name, column.row);
        let sql = format!("update {table} set {name} = $1 where {row} = $2 and {name} = $3");
        let update = sqlx::query(AssertSqlSafe(sql)).bind(new).bind(id).bind(old);
        let written = update.execute(&mut self.connection).await?;
        Ok(written.rows_affected() == 1)
    }
}
