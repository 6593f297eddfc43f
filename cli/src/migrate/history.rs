//! What was applied: `supabase_migrations.schema_migrations`, which the Supabase CLI reads too, and the checksums beside it.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::files::Migration;
use crate::postgres::{catalog, connection::execute};
use crate::{Error, Result};

/// What the history says of one version.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Applied {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) statements: Vec<String>,
    pub(crate) checksum: Option<String>,
}

/// The applied migrations by version; none where nothing was ever applied.
pub(crate) async fn applied(connection: &mut PgConnection) -> Result<BTreeMap<String, Applied>> {
    read(connection)
        .await
        .map_err(Error::database("cannot read the history of migrations"))
}

async fn read(connection: &mut PgConnection) -> sqlx::Result<BTreeMap<String, Applied>> {
    if !catalog::has_relation(connection, "supabase_migrations.schema_migrations").await? {
        return Ok(BTreeMap::new());
    }
    let checksums = "supabase_migrations.catalyst_checksums";
    let applied: Vec<Applied> = sqlx::query_as(if catalog::has_relation(connection, checksums).await? {
        "select m.version, coalesce(m.name, '') as name, coalesce(m.statements, '{}') as statements, c.sha256 as checksum
         from supabase_migrations.schema_migrations m left join supabase_migrations.catalyst_checksums c using (version)"
    } else {
        "select version, coalesce(name, '') as name, coalesce(statements, '{}') as statements, null as checksum
         from supabase_migrations.schema_migrations"
    })
    .fetch_all(connection)
    .await?;
    Ok(applied
        .into_iter()
        .map(|applied| (applied.version.clone(), applied))
        .collect())
}

/// Makes the tables of the history.
pub(super) async fn create(connection: &mut PgConnection) -> Result {
    execute(
        connection,
        "create schema if not exists supabase_migrations;
         create table if not exists supabase_migrations.schema_migrations (
           version text not null primary key, statements text[], name text);
         create table if not exists supabase_migrations.catalyst_checksums (
           version text not null primary key, sha256 text not null, applied_at timestamptz not null default now());
         comment on table supabase_migrations.catalyst_checksums is
           'SHA-256 of every migration file as it was applied; catalyst migrate refuses a file that has changed since.'",
        "cannot make the history of migrations",
    )
    .await
}

/// Keeps the checksum of an applied migration.
pub(super) async fn keep_checksum(connection: &mut PgConnection, migration: &Migration) -> Result {
    let sql =
        "insert into supabase_migrations.catalyst_checksums (version, sha256) values ($1, $2)";
    let insert = sqlx::query(sql)
        .bind(&migration.version)
        .bind(&migration.checksum);
    let kept = insert.execute(connection).await.map(drop);
    kept.map_err(Error::database("cannot keep the checksum of a migration"))
}

/// Notes that a migration was applied.
pub(super) async fn record(
    connection: &mut PgConnection,
    migration: &Migration,
    statements: Vec<&str>,
) -> Result {
    sqlx::query("insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)")
        .bind(&migration.version)
        .bind(statements)
        .bind(&migration.name)
        .execute(&mut *connection)
        .await
        .map_err(Error::database(format!("cannot apply {}", migration.file)))?;
    keep_checksum(connection, migration).await
}
