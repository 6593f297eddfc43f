//! Comparing the settings with what is wanted, and setting them.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::line::{Line, State};
use super::wanted::{Scope, WANTED, Wanted};
use crate::error::{Error, Result};
use crate::migrate;

/// Compares every setting, and sets it when `apply`.
///
/// # Errors
///
/// When the database cannot be reached.
pub async fn configure(login: &PgConnectOptions, apply: bool) -> Result<Vec<Line>> {
    let mut connection = migrate::connect(login).await?;
    let mut lines = Vec::new();
    for wanted in &WANTED {
        let state = match current(&mut connection, wanted).await? {
            Some(value) if value == wanted.value => State::AsWanted,
            value if !apply => State::Other(value),
            _ => set(&mut connection, wanted).await?,
        };
        let place = match wanted.scope {
            Scope::Database => "database".to_owned(),
            Scope::Role(role) => format!("role {role}"),
        };
        lines.push(Line {
            setting: format!("{place}: {}", wanted.name),
            wanted: wanted.value,
            why: wanted.why,
            state,
        });
    }
    if apply {
        sqlx::raw_sql("notify pgrst, 'reload config'")
            .execute(&mut connection)
            .await
            .map_err(Error::database("cannot notify the Data API"))?;
    }
    drop(connection.close().await);
    Ok(lines)
}

async fn current(connection: &mut PgConnection, wanted: &Wanted) -> Result<Option<String>> {
    let (database, role) = match wanted.scope {
        Scope::Database => (true, ""),
        Scope::Role(role) => (false, role),
    };
    sqlx::query_scalar(
        "select split_part(c.setting, '=', 2) from pg_db_role_setting s
         left join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole,
         unnest(s.setconfig) as c (setting)
         where split_part(c.setting, '=', 1) = $1
           and case when $2 then d.datname = current_database() and s.setrole = 0 else r.rolname = $3 end
         order by s.setdatabase desc limit 1",
    )
    .bind(wanted.name)
    .bind(database)
    .bind(role)
    .fetch_optional(connection)
    .await
    .map_err(Error::database("cannot read the settings"))
}

async fn set(connection: &mut PgConnection, wanted: &Wanted) -> Result<State> {
    let failed = || Error::database(format!("cannot set {}", wanted.name));
    let place = match wanted.scope {
        Scope::Database => {
            let name: String = sqlx::query_scalar("select quote_ident(current_database())")
                .fetch_one(&mut *connection)
                .await
                .map_err(failed())?;
            format!("database {name}")
        }
        Scope::Role(role) => format!("role {role}"),
    };
    let sql = format!("alter {place} set {} = '{}'", wanted.name, wanted.value);
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await {
        Ok(_) => Ok(State::Set),
        // insufficient_privilege
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
            Ok(State::Refused)
        }
        Err(error) => Err(failed()(error)),
    }
}
