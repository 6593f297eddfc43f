//! What a database needs before the functions use it: the migrations, the seed, and the secrets of its jobs.

use std::{collections::BTreeMap, fs};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::{migrate, project::Project};
use sqlx::{PgPool, postgres::PgConnectOptions};

use crate::options::ExternalSupabase;

/// Migrates a database that is not the stack's own when it is on this machine, and otherwise refuses what is not migrated;
/// the files applied.
///
/// # Errors
///
/// When migrations are pending on a database elsewhere, or cannot be applied.
pub(crate) async fn prepare(project: &Project, external: &ExternalSupabase) -> Result<Vec<String>> {
    let Some(url) = &external.database_url else {
        return Ok(Vec::new());
    };
    let refused = Error::database("DATABASE_URL is not a connection string");
    let login: PgConnectOptions = url.parse().map_err(refused)?;
    if matches!(login.get_host(), "127.0.0.1" | "localhost" | "::1") {
        return migrated(&login, project).await;
    }
    let lines = migrate::status(&login, &project.migrations()).await?;
    let pending = lines
        .iter()
        .filter(|line| line.state == migrate::State::Pending)
        .count();
    if pending == 0 {
        return Ok(Vec::new());
    }
    Err(Error::setup(
        format!(
            "{pending} migrations are not applied to {}",
            login.get_host()
        ),
        "`catalyst migrate up --database-url \"$DATABASE_URL\"` applies them",
    ))
}

/// Applies what is not applied yet; the files.
///
/// # Errors
///
/// When a migration fails or was changed.
pub(crate) async fn migrated(login: &PgConnectOptions, project: &Project) -> Result<Vec<String>> {
    let applied = migrate::up(login, &project.migrations(), |_| {}).await?;
    Ok(applied.into_iter().map(|one| one.file).collect())
}

/// Runs `supabase/seed.sql` once on a fresh database.
pub(crate) async fn seed(project: &Project, admin: &PgPool) -> Result {
    let Ok(sql) = fs::read_to_string(project.root().join("supabase/seed.sql")) else {
        return Ok(());
    };
    let seeded = async {
        let mut transaction = admin.begin().await?;
        sqlx::raw_sql(
            "set local role postgres; create schema if not exists supabase_migrations;
             create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null)",
        )
        .execute(&mut *transaction)
        .await?;
        let entered = sqlx::query(
            "insert into supabase_migrations.seed_files values ('supabase/seed.sql', $1) on conflict do nothing",
        )
        .bind(migrate::checksum(sql.as_bytes()))
        .execute(&mut *transaction)
        .await?;
        if entered.rows_affected() > 0 {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    };
    seeded
        .await
        .map_err(Error::database("cannot apply supabase/seed.sql"))
}

/// Keeps what jobs in the database read: where the dispatcher is, what it asks for, and where alerts go.
pub(crate) async fn keep_secrets(admin: &PgPool, environment: &BTreeMap<String, String>) -> Result {
    let value = |name: &str| environment.get(name).map_or("", String::as_str);
    let slack = match value("SLACK_WEBHOOK_URL") {
        "" => value("FAKE_SLACK_URL"),
        own => own,
    };
    let secrets = [
        ("app_url", value("APP_URL")),
        ("cron_secret", value("CRON_SECRET")),
        ("slack_webhook_url", slack),
    ];
    for (name, secret) in secrets.into_iter().filter(|(_, secret)| !secret.is_empty()) {
        sqlx::query(
            "insert into vault.secrets (name, secret) values ($1, $2) \
             on conflict (name) do update set secret = excluded.secret, updated_at = now()",
        )
        .bind(name)
        .bind(secret)
        .execute(admin)
        .await
        .map_err(Error::database("cannot keep a secret in the vault"))?;
    }
    Ok(())
}
