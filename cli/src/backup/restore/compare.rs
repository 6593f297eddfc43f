//! The database that is restored into: whether it can take the backup, and what of it is not as it was backed up.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, query_scalar};

use crate::backup::error::BackupError;
use crate::backup::manifest::{Contents, Table};
use crate::backup::snapshot;
use crate::{Error, Result, postgres::catalog};

fn failed() -> impl FnOnce(sqlx::Error) -> Error {
    Error::database("cannot read the target")
}

/// A target is empty when nothing of the product and nobody's account is in it.
pub(super) async fn refuse_contents(connection: &mut PgConnection) -> Result {
    match contents_of(connection).await.map_err(failed())? {
        Some(what) => Err(BackupError::NotEmpty(what).into()),
        None => Ok(()),
    }
}

async fn contents_of(connection: &mut PgConnection) -> sqlx::Result<Option<String>> {
    for (relation, name) in [
        (
            "supabase_migrations.schema_migrations",
            "applied migrations",
        ),
        ("auth.users", "accounts"),
    ] {
        if catalog::has_relation(connection, relation).await? {
            let sql = AssertSqlSafe(format!("select count(*) from {relation}"));
            let count: i64 = query_scalar(sql).fetch_one(&mut *connection).await?;
            if count > 0 {
                return Ok(Some(format!("{count} {name}")));
            }
        }
    }
    let relation = query_scalar(
        "select 'the relation ' || n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'private', 'engine') and c.relkind in ('r', 'p', 'v', 'm')
           and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') limit 1",
    );
    relation.fetch_optional(connection).await
}

/// Every table and column of the backup must be there; a table without rows may be missing.
pub(super) async fn refuse_unfit(connection: &mut PgConnection, contents: &Contents) -> Result {
    let here = snapshot::tables(connection).await.map_err(failed())?;
    let named = here
        .into_iter()
        .map(|(table, _)| (table.full_name(), table));
    let here: BTreeMap<_, _> = named.collect();
    for table in &contents.tables {
        if let Some(what) = lacks(here.get(&table.full_name()), table) {
            return Err(BackupError::Unfit(format!("{} {what}", table.full_name())).into());
        }
    }
    Ok(())
}

/// What the target lacks of a table.
fn lacks(here: Option<&Table>, table: &Table) -> Option<String> {
    let Some(here) = here else {
        let what = "was made outside the migrations, or belongs to a newer version of the platform";
        return Some(what.to_owned());
    };
    let is_here = |name: &String| here.columns.iter().any(|(other, _)| other == name);
    let (name, kind) = table.columns.iter().find(|(name, _)| !is_here(name))?;
    Some(format!("has no column {name} ({kind})"))
}

/// What is not as it was backed up: reads everything again, from the target.
pub(super) async fn differences(
    connection: &mut PgConnection,
    contents: &Contents,
) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    // The order is the target's own: nothing of a manifest is run as SQL.
    let here = snapshot::tables(connection).await.map_err(failed())?;
    let named = here
        .into_iter()
        .map(|(table, order)| (table.full_name(), order));
    let orders: BTreeMap<String, String> = named.collect();
    for table in &contents.tables {
        let order = orders.get(&table.full_name()).map_or("r", String::as_str);
        let (rows, _, sha256) = snapshot::read(connection, table, order, |_| Ok(())).await?;
        if (rows, &sha256) != (table.rows, &table.sha256) {
            let (name, then, hash) = (table.full_name(), table.rows, &table.sha256);
            differences.push(format!(
                "{name}: {rows} rows with SHA-256 {sha256}, {then} rows with {hash} were backed up"
            ));
        }
    }
    schema(connection, contents, &mut differences)
        .await
        .map_err(failed())?;
    jobs(connection, contents, &mut differences)
        .await
        .map_err(failed())?;
    Ok(differences)
}

async fn schema(
    connection: &mut PgConnection,
    contents: &Contents,
    differences: &mut Vec<String>,
) -> sqlx::Result<()> {
    let server = catalog::server_version(connection).await?;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    let same_server = major(&server) == major(&contents.server);
    let relevant = |name: &&String| same_server || !name.ends_with(snapshot::BY_VERSION);
    let (then, here) = (&contents.schema, snapshot::schema(connection).await?);
    for name in then.keys().filter(relevant) {
        match here.get(name) {
            None => differences.push(format!("{name} was made outside the migrations")),
            hash if hash == then.get(name) => {}
            Some(_) => differences.push(format!("{name} was changed outside the migrations")),
        }
    }
    let dropped = here
        .keys()
        .filter(relevant)
        .filter(|name| !then.contains_key(*name));
    differences.extend(dropped.map(|name| format!("{name} was dropped outside the migrations")));
    Ok(())
}

async fn jobs(
    connection: &mut PgConnection,
    contents: &Contents,
    differences: &mut Vec<String>,
) -> sqlx::Result<()> {
    let (then, here) = (&contents.jobs, snapshot::jobs(connection).await?);
    for (name, schedule) in then {
        if here.get(name) != Some(schedule) {
            differences.push(format!(
                "the job {name} ({schedule}) was made or changed outside the migrations"
            ));
        }
    }
    let stopped = here.keys().filter(|name| !then.contains_key(*name));
    let line = |name| format!("the job {name} was stopped outside the migrations");
    differences.extend(stopped.map(line));
    Ok(())
}
