//! `supabase/seed.sql`, run once on a fresh database.

use std::fs;

use catalyst_cli::{
    error::{Error, Result},
    migrate,
    project::Project,
};
use sqlx::PgPool;

/// Runs `supabase/seed.sql` once on a fresh database.
pub(crate) async fn apply(project: &Project, admin: &PgPool) -> Result {
    let path = project.root().join("supabase/seed.sql");
    let Ok(sql) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let failed = || Error::database("cannot apply supabase/seed.sql");
    let mut connection = admin.acquire().await.map_err(failed())?;
    sqlx::raw_sql(
        "set role postgres; create schema if not exists supabase_migrations;
         create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null)",
    )
    .execute(&mut *connection)
    .await
    .map_err(failed())?;
    let known: bool = sqlx::query_scalar("select exists (select from supabase_migrations.seed_files where path = 'supabase/seed.sql')")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed())?;
    if !known {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.as_str()))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
        sqlx::query("insert into supabase_migrations.seed_files values ('supabase/seed.sql', $1)")
            .bind(migrate::checksum(sql.as_bytes()))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
    }
    sqlx::raw_sql("reset role")
        .execute(&mut *connection)
        .await
        .map(drop)
        .map_err(failed())
}
