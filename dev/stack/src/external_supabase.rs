//! A database that is not the stack's own: `supabase start`'s, or a hosted one.

use catalyst_cli::{
    error::{Error, Result},
    migrate,
    project::Project,
};
use sqlx::postgres::PgConnectOptions;

use crate::options::ExternalSupabase;

/// Migrates the database when it is on this machine, and otherwise refuses what is not migrated; the files applied.
///
/// # Errors
///
/// When migrations are pending on a database elsewhere, or cannot be applied.
pub(crate) async fn prepare(project: &Project, external: &ExternalSupabase) -> Result<Vec<String>> {
    let Some(url) = &external.database_url else {
        return Ok(Vec::new());
    };
    let login: PgConnectOptions = url
        .parse()
        .map_err(Error::database("DATABASE_URL is not a connection string"))?;
    if !is_here(&login) {
        refuse_pending(&login, project).await?;
        return Ok(Vec::new());
    }
    migrated(&login, project).await
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

fn is_here(login: &PgConnectOptions) -> bool {
    matches!(login.get_host(), "127.0.0.1" | "localhost" | "::1")
}

/// A database elsewhere is migrated only when somebody says so.
async fn refuse_pending(login: &PgConnectOptions, project: &Project) -> Result {
    let lines = migrate::status(login, &project.migrations()).await?;
    let pending = lines
        .iter()
        .filter(|line| line.state == migrate::State::Pending)
        .count();
    if pending == 0 {
        return Ok(());
    }
    Err(Error::setup(
        format!(
            "{pending} migrations are not applied to {}",
            login.get_host()
        ),
        "`catalyst migrate up --database-url \"$DATABASE_URL\"` applies them",
    ))
}
