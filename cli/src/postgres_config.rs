//! `catalyst postgres-config`: what a production database is set to, as far as its owner may set it.
//!
//! A hosted project's owner is no superuser and cannot change the server's own file. Settings of the database and of roles are
//! made here; those of the server are made by the Supabase CLI, with the command that this prints.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::error::{Error, Result};
use crate::migrate;

/// Where a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Database,
    Role(&'static str),
}

/// One setting, and why.
struct Wanted {
    scope: Scope,
    name: &'static str,
    value: &'static str,
    why: &'static str,
}

/// What the database and the roles are set to.
const WANTED: [Wanted; 10] = [
    Wanted {
        scope: Scope::Database,
        name: "work_mem",
        value: "8MB",
        why: "scores are ranked in memory; a hundred connections use it at once, so not more",
    },
    Wanted {
        scope: Scope::Database,
        name: "random_page_cost",
        value: "1.1",
        why: "the disks have no heads",
    },
    Wanted {
        scope: Scope::Database,
        name: "effective_io_concurrency",
        value: "200",
        why: "the disks answer many reads at once",
    },
    Wanted {
        scope: Scope::Database,
        name: "jit",
        value: "off",
        why: "compiling costs more than these queries take",
    },
    Wanted {
        scope: Scope::Database,
        name: "idle_in_transaction_session_timeout",
        value: "60s",
        why: "a forgotten transaction keeps locks and keeps vacuum from its work",
    },
    Wanted {
        scope: Scope::Database,
        name: "log_min_duration_statement",
        value: "2s",
        why: "the log of slow queries: what the API would call slow",
    },
    Wanted {
        scope: Scope::Database,
        name: "track_io_timing",
        value: "on",
        why: "tells a slow disk from a slow query in pg_stat_statements",
    },
    Wanted {
        scope: Scope::Role("authenticator"),
        name: "statement_timeout",
        value: "8s",
        why: "what the Data API runs; service_role has no other",
    },
    Wanted {
        scope: Scope::Role("authenticator"),
        name: "lock_timeout",
        value: "8s",
        why: "a request waits no longer for another than it may run",
    },
    Wanted {
        scope: Scope::Role("authenticated"),
        name: "statement_timeout",
        value: "8s",
        why: "a user's own reads",
    },
];

/// `catalyst postgres-config`.
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// The database, as the role postgres.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// Memory of the server, for the settings that the Supabase CLI makes.
    #[arg(long, default_value_t = 4, value_name = "GIB")]
    memory_gib: u32,
    /// Set what is not as wanted. Without this nothing is changed.
    #[arg(long)]
    apply: bool,
}

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

/// A setting and what became of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where and what, as SQL would name it.
    pub setting: String,
    /// The value that is wanted.
    pub wanted: &'static str,
    /// Why.
    pub why: &'static str,
    /// What became of it.
    pub state: State,
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::AsWanted => "as wanted".to_owned(),
            State::Other(Some(value)) => format!("is {value}"),
            State::Other(None) => "not set".to_owned(),
            State::Set => "set now".to_owned(),
            State::Refused => "REFUSED: set it in the dashboard".to_owned(),
        };
        write!(
            out,
            "{:<58} {:<6} {state}\n    {}",
            self.setting, self.wanted, self.why
        )
    }
}

/// Runs the command; true when everything is as wanted.
///
/// # Errors
///
/// When the database cannot be reached.
pub async fn run(args: &ConfigArgs) -> Result<bool> {
    let login = args
        .database_url
        .parse()
        .map_err(Error::database("the database's URL cannot be read"))?;
    let lines = configure(&login, args.apply).await?;
    for line in &lines {
        println!("{line}");
    }
    println!(
        "\nSettings of the server, for {} GiB of memory (a restart is needed):",
        args.memory_gib
    );
    println!("  {}", server_command(args.memory_gib));
    let done = lines
        .iter()
        .all(|line| matches!(line.state, State::AsWanted | State::Set));
    if !done && !args.apply {
        println!("nothing was changed; --apply sets what is not as wanted");
    }
    Ok(done)
}

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

/// The rest is the server's: a quarter of the memory for its own cache, three quarters for what the system caches with it.
fn server_command(memory_gib: u32) -> String {
    let memory = memory_gib.max(1) * 1024;
    format!(
        "supabase postgres-config update --config shared_buffers={}MB --config effective_cache_size={}MB \
         --config maintenance_work_mem={}MB --config max_connections={} --config max_worker_processes=16 --config max_wal_size=4GB",
        memory / 4,
        memory * 3 / 4,
        (memory / 16).min(1024),
        (60 + 15 * memory_gib).min(400)
    )
}

#[cfg(test)]
mod tests {
    use super::{WANTED, server_command};

    #[test]
    fn the_command_fits_the_memory() {
        let command = server_command(4);
        assert!(command.contains("shared_buffers=1024MB"), "{command}");
        assert!(command.contains("effective_cache_size=3072MB"), "{command}");
        assert!(command.contains("max_connections=120"), "{command}");
    }

    #[test]
    fn values_need_no_quoting() {
        for wanted in &WANTED {
            let plain = |text: &str| {
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
            };
            assert!(plain(wanted.name) && plain(wanted.value), "{}", wanted.name);
        }
    }
}
