//! The database that is restored into.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::backup::error::BackupError;
use crate::backup::manifest::{Contents, Table};
use crate::backup::snapshot;
use crate::error::{Error, Result};
use crate::postgres::catalog;

/// A target is empty when nothing of the product and nobody's account is in it.
pub(super) async fn refuse_contents(connection: &mut PgConnection) -> Result {
    let failed = || Error::database("cannot read the target");
    for (relation, name) in [
        (
            "supabase_migrations.schema_migrations",
            "applied migrations",
        ),
        ("auth.users", "accounts"),
    ] {
        let exists = catalog::has_relation(connection, relation).await;
        if !exists.map_err(failed())? {
            continue;
        }
        let sql = format!("select count(*) from {relation}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
        if count > 0 {
            return Err(BackupError::NotEmpty {
                what: format!("it has {count} {name}"),
            }
            .into());
        }
    }
    let table: Option<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'private', 'engine') and c.relkind in ('r', 'p', 'v', 'm')
           and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') limit 1",
    )
    .fetch_optional(connection)
    .await
    .map_err(failed())?;
    match table {
        Some(table) => Err(BackupError::NotEmpty {
            what: format!("it has the relation {table}"),
        }
        .into()),
        None => Ok(()),
    }
}

/// Every table and column of the backup must be there; a table without rows may be missing.
pub(super) async fn refuse_unfit(connection: &mut PgConnection, contents: &Contents) -> Result {
    let here: BTreeMap<String, Table> = snapshot::tables(connection)
        .await?
        .into_iter()
        .map(|table| (table.full_name(), table))
        .collect();
    for table in &contents.tables {
        let name = table.full_name();
        let Some(found) = here.get(&name) else {
            return Err(BackupError::Unfit {
                what: format!(
                    "{name} was made outside the migrations, or belongs to a newer version of the platform"
                ),
            }
            .into());
        };
        for (column, kind) in &table.columns {
            if !found.columns.iter().any(|(other, _)| other == column) {
                return Err(BackupError::Unfit {
                    what: format!("{name} has no column {column} ({kind})"),
                }
                .into());
            }
        }
    }
    Ok(())
}
