//! Comparing what was restored with what was backed up.

use sqlx::PgConnection;

use crate::backup::manifest::Contents;
use crate::backup::snapshot;
use crate::error::{Error, Result};
use crate::postgres::catalog;

/// What is not as it was backed up: reads everything again, from the target.
pub(super) async fn differences(
    connection: &mut PgConnection,
    contents: &Contents,
) -> Result<Vec<String>> {
    let mut differences = rows(connection, contents).await?;
    differences.extend(schema(connection, contents).await?);
    differences.extend(jobs(connection, contents).await?);
    Ok(differences)
}

async fn rows(connection: &mut PgConnection, contents: &Contents) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    for table in &contents.tables {
        let (rows, _, sha256) = snapshot::read(connection, table, |_| Ok(())).await?;
        if (rows, &sha256) != (table.rows, &table.sha256) {
            differences.push(format!(
                "{}: {rows} rows with SHA-256 {sha256}, {} rows with {} were backed up",
                table.full_name(),
                table.rows,
                table.sha256
            ));
        }
    }
    Ok(differences)
}

async fn schema(connection: &mut PgConnection, contents: &Contents) -> Result<Vec<String>> {
    let server = catalog::server_version(connection)
        .await
        .map_err(Error::database("cannot read the target"))?;
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    let same_server = major(&server) == major(&contents.server);
    let here = snapshot::schema(connection).await?;
    let relevant = |name: &str| same_server || !name.ends_with(snapshot::BY_VERSION);
    let mut differences = Vec::new();
    for (name, hash) in contents.schema.iter().filter(|(name, _)| relevant(name)) {
        match here.get(name) {
            Some(other) if other == hash => {}
            Some(_) => differences.push(format!("{name} was changed outside the migrations")),
            None => differences.push(format!("{name} was made outside the migrations")),
        }
    }
    for name in here.keys().filter(|name| relevant(name)) {
        if !contents.schema.contains_key(name) {
            differences.push(format!("{name} was dropped outside the migrations"));
        }
    }
    Ok(differences)
}

async fn jobs(connection: &mut PgConnection, contents: &Contents) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    let jobs = snapshot::jobs(connection).await?;
    for (name, schedule) in &contents.jobs {
        if jobs.get(name) != Some(schedule) {
            differences.push(format!(
                "the job {name} ({schedule}) was made or changed outside the migrations"
            ));
        }
    }
    for name in jobs.keys() {
        if !contents.jobs.contains_key(name) {
            differences.push(format!("the job {name} was stopped outside the migrations"));
        }
    }
    Ok(differences)
}
