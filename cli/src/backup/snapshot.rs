//! What a database holds, read in one snapshot: which tables, how many rows, and the hash of each.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::archive::hex;
use super::manifest::{Applied, Sequence, Table};
use crate::error::{Error, Result};

/// What is backed up. Users and how they sign in belong to it; the platform's own bookkeeping does not, and neither do
/// the secrets in Vault, which another project could not decrypt. Of pgmq only the queues: the extension brings the rest.
const TABLES: &str = "
  select n.nspname as schema, c.relname as name, a.columns,
    coalesce(k.columns, 'r::text collate \"C\"') as ordering
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum) as columns
    from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  ) a
  left join lateral (
    select string_agg(format('r.%I', a.attname) || case when a.attcollation <> 0 then ' collate \"C\"' else '' end, ', ' order by k.n) as columns
    from pg_index i
    cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, n)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary
  ) k on true
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and a.columns is not null
    and (n.nspname in ('public', 'private', 'engine')
      or (n.nspname = 'auth' and c.relname not in ('schema_migrations', 'audit_log_entries', 'instances'))
      or (n.nspname = 'pgmq' and c.relname ~ '^[qa]_')
      or (n.nspname = 'supabase_migrations' and c.relname in ('schema_migrations', 'catalyst_checksums')))
  order by 1, 2";

/// The product's own schemas, object by object. What one version of Postgres may write otherwise than another is marked.
const SCHEMA: &str = "
  with own as (
    select c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'engine') and not c.relispartition
  )
  select 'table ' || name, md5(relrowsecurity::text || relforcerowsecurity::text || (
    select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || a.attidentity::text || a.attgenerated::text, ',' order by a.attname)
    from pg_attribute a where a.attrelid = own.oid and a.attnum > 0 and not a.attisdropped))
  from own where relkind in ('r', 'p')
  union all
  select 'view ' || name, '' from own where relkind in ('v', 'm')
  union all
  select 'index ' || name, '' from own where relkind in ('i', 'I')
  union all
  select 'policy ' || own.name || ' ' || p.polname,
    md5(p.polcmd::text || p.polpermissive::text || array(select rolname from pg_roles where oid = any (p.polroles) order by 1)::text)
  from pg_policy p join own on own.oid = p.polrelid
  union all
  select 'policy ' || own.name || ' ' || p.polname || ' (text)',
    md5(coalesce(pg_get_expr(p.polqual, p.polrelid), '') || '/' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''))
  from pg_policy p join own on own.oid = p.polrelid
  union all
  select 'constraint ' || own.name || ' ' || c.conname || ' (text)', md5(pg_get_constraintdef(c.oid))
  from pg_constraint c join own on own.oid = c.conrelid where c.contype <> 'n'
  union all
  select 'trigger ' || own.name || ' ' || t.tgname, md5(t.tgtype::text || t.tgenabled::text || t.tgfoid::regproc::text)
  from pg_trigger t join own on own.oid = t.tgrelid where not t.tgisinternal
  union all
  select 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    md5(p.prosrc || p.prosecdef::text || p.provolatile::text || coalesce(p.proconfig::text, ''))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'private', 'engine')";

/// What ends a key whose text may differ between versions of Postgres.
pub(super) const BY_VERSION: &str = " (text)";

const SEQUENCES: &str = "
  select distinct n.nspname, s.relname
  from pg_class s
  join pg_namespace n on n.oid = s.relnamespace
  join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
  join pg_class c on c.oid = d.refobjid
  where s.relkind = 'S' and s.relpersistence = 'p' and n.nspname || '.' || c.relname = any ($1)
  order by 1, 2";

fn failed() -> impl FnOnce(sqlx::Error) -> Error {
    Error::database("cannot read what the database holds")
}

/// Writes values in one way, whatever the database and the role are set to.
pub(super) async fn settle(connection: &mut PgConnection) -> Result {
    sqlx::raw_sql(
        "set local search_path = ''; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
         set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex';
         set local xmloption = 'content'; set local row_security = off;
         set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0",
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(failed())
}

/// Schema, name, columns with their types, and order of a table.
type Found = (String, String, Json<Vec<(String, String)>>, String);

/// The tables that are backed up, still without rows.
pub(super) async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>> {
    let rows: Vec<Found> = sqlx::query_as(TABLES)
        .fetch_all(connection)
        .await
        .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|(schema, name, columns, order)| Table {
            schema,
            name,
            columns: columns.0,
            order,
            rows: 0,
            bytes: 0,
            sha256: String::new(),
        })
        .collect())
}

/// Reads a table in its order and tells every piece; answers with rows, bytes and hash.
pub(super) async fn read(
    connection: &mut PgConnection,
    table: &Table,
    mut tell: impl FnMut(&Bytes) -> Result,
) -> Result<(u64, u64, String)> {
    let doing = || Error::database(format!("cannot read {}", table.full_name()));
    let statement = format!(
        "copy (select {} from {} as r order by {}) to stdout",
        columns(table, "r."),
        place(&table.schema, &table.name),
        table.order
    );
    let mut stream = connection.copy_out_raw(&statement).await.map_err(doing())?;
    let mut hash = Context::new(&SHA256);
    let (mut rows, mut bytes) = (0, 0);
    while let Some(piece) = stream.try_next().await.map_err(doing())? {
        hash.update(&piece);
        rows += count_rows(&piece);
        bytes += piece.len() as u64;
        tell(&piece)?;
    }
    Ok((rows, bytes, hex(hash.finish().as_ref())))
}

/// `COPY` ends each row with a newline, and escapes those within.
pub(super) fn count_rows(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A table's name as SQL.
pub(super) fn place(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// A table's columns as SQL.
pub(super) fn columns(table: &Table, prefix: &str) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, _)| format!("{prefix}{}", quoted(name)))
        .collect();
    columns.join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The product's schemas, object by object.
pub(super) async fn schema(connection: &mut PgConnection) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(SCHEMA)
        .fetch_all(connection)
        .await
        .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|(name, hash)| (name, hash.unwrap_or_default().chars().take(12).collect()))
        .collect())
}

/// Names and schedules of the active jobs.
pub(super) async fn jobs(connection: &mut PgConnection) -> Result<BTreeMap<String, String>> {
    if !exists(connection, "cron.job").await? {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select jobname, schedule from cron.job where active and jobname is not null",
    )
    .fetch_all(connection)
    .await
    .map_err(failed())?;
    Ok(rows.into_iter().collect())
}

/// The sequences of these tables.
pub(super) async fn sequences(
    connection: &mut PgConnection,
    tables: &[Table],
) -> Result<Vec<Sequence>> {
    let names: Vec<String> = tables.iter().map(Table::full_name).collect();
    let found: Vec<(String, String)> = sqlx::query_as(SEQUENCES)
        .bind(names)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed())?;
    let mut sequences = Vec::new();
    for (schema, name) in found {
        let sql = format!(
            "select last_value, is_called from {}",
            place(&schema, &name)
        );
        let (last_value, is_called) = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
        sequences.push(Sequence {
            schema,
            name,
            last_value,
            is_called,
        });
    }
    Ok(sequences)
}

/// The applied migrations, oldest first.
pub(super) async fn migrations(connection: &mut PgConnection) -> Result<Vec<Applied>> {
    if !exists(connection, "supabase_migrations.schema_migrations").await? {
        return Ok(Vec::new());
    }
    let with_checksums = exists(connection, "supabase_migrations.catalyst_checksums").await?;
    let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(if with_checksums {
        "select m.version, m.name, c.sha256 from supabase_migrations.schema_migrations m
         left join supabase_migrations.catalyst_checksums c using (version) order by 1"
    } else {
        "select version, name, null from supabase_migrations.schema_migrations order by 1"
    })
    .fetch_all(connection)
    .await
    .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|(version, name, sha256)| Applied {
            version,
            name: name.unwrap_or_default(),
            sha256,
        })
        .collect())
}

/// Whether there is such a relation.
pub(super) async fn exists(connection: &mut PgConnection, relation: &str) -> Result<bool> {
    sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(relation)
        .fetch_one(connection)
        .await
        .map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_rows_are_counted() {
        assert_eq!(place("public", "a\"b"), "\"public\".\"a\"\"b\"");
        assert_eq!(count_rows(b"1\ta\\nb\n2\tc\n"), 2);
    }
}
