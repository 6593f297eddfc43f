//! Comparing the settings with what is wanted and why, and setting them.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::postgres::connection::{connect, execute};
use crate::{Error, Result};

/// Where each setting holds, its name, its value, and why.
const WANTED: &str = "\
database|work_mem|8MB|scores are ranked in memory; a hundred connections use it at once, so not more
database|random_page_cost|1.1|the disks have no heads
database|effective_io_concurrency|200|the disks answer many reads at once
database|jit|off|compiling costs more than these queries take
database|idle_in_transaction_session_timeout|60s|a forgotten transaction keeps locks and keeps vacuum from its work
database|log_min_duration_statement|1s|the log of slow queries: half of what makes a request slow
database|log_parameter_max_length|0|values in that log may be secrets
database|track_io_timing|on|tells a slow disk from a slow query in pg_stat_statements
role authenticator|statement_timeout|8s|what the Data API runs; service_role has no other
role authenticator|lock_timeout|8s|a request waits no longer for another than it may run
role authenticated|statement_timeout|8s|a user's own reads";

/// What became of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as wanted.
    AsWanted,
    /// It is not; the value it has, if it was ever set.
    Other(Option<String>),
    /// It was set now; sessions that are open keep the old value.
    Set,
    /// This role may not set it.
    Refused,
}

/// A setting that is wanted, and what became of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it holds, as SQL would name it: the database, or a role.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The value that is wanted.
    pub value: &'static str,
    /// Why.
    pub why: &'static str,
    /// What became of it.
    pub state: State,
}

/// The lines of [`WANTED`], of which nothing became yet.
fn wanted() -> impl Iterator<Item = Line> {
    WANTED.lines().filter_map(|line| {
        let mut fields = line.splitn(4, '|');
        Some(Line {
            place: fields.next()?,
            name: fields.next()?,
            value: fields.next()?,
            why: fields.next()?,
            state: State::Other(None),
        })
    })
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::AsWanted => "as wanted",
            State::Other(Some(value)) => &format!("is {value}"),
            State::Other(None) => "not set",
            State::Set => "set now",
            State::Refused => "REFUSED: set it in the dashboard",
        };
        let setting = format!("{}: {}", self.place, self.name);
        let (value, why) = (self.value, self.why);
        write!(out, "{setting:<58} {value:<6} {state}\n    {why}")
    }
}

/// Compares every setting, and sets it when `apply`.
///
/// # Errors
///
/// When the database cannot be reached.
pub async fn configure(login: &PgConnectOptions, apply: bool) -> Result<Vec<Line>> {
    let mut connection = connect(login).await?;
    let mut lines: Vec<Line> = wanted().collect();
    for line in &mut lines {
        line.state = match current(&mut connection, line).await? {
            Some(value) if value == line.value => State::AsWanted,
            value if !apply => State::Other(value),
            _ => set(&mut connection, line).await?,
        };
    }
    if apply {
        let sql = "notify pgrst, 'reload config'";
        execute(&mut connection, sql, "cannot notify the Data API").await?;
    }
    drop(connection.close().await);
    Ok(lines)
}

async fn current(connection: &mut PgConnection, line: &Line) -> Result<Option<String>> {
    let setting = sqlx::query_scalar(
        "select split_part(c.setting, '=', 2) from pg_db_role_setting s
         left join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole,
         unnest(s.setconfig) as c (setting)
         where split_part(c.setting, '=', 1) = $1
           and case $2 when 'database' then d.datname = current_database() and s.setrole = 0 else 'role ' || r.rolname = $2 end
         order by s.setdatabase desc limit 1",
    );
    let setting = setting.bind(line.name).bind(line.place);
    let value = setting.fetch_optional(connection).await;
    value.map_err(Error::database("cannot read the settings"))
}

async fn set(connection: &mut PgConnection, line: &Line) -> Result<State> {
    let Line { name, value, .. } = line;
    let failed = || Error::database(format!("cannot set {name}"));
    let mut place = line.place.to_owned();
    if place == "database" {
        let named = sqlx::query_scalar("select 'database ' || quote_ident(current_database())");
        place = named.fetch_one(&mut *connection).await.map_err(failed())?;
    }
    let sql = format!("alter {place} set {name} = '{value}'");
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await {
        Ok(_) => Ok(State::Set),
        // insufficient_privilege
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
            Ok(State::Refused)
        }
        Err(error) => Err(failed()(error)),
    }
}

#[cfg(test)]
mod tests;
