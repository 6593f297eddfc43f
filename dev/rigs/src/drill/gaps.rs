//! What a drill does not show, because the database that it destroys had none of it.

use catalyst::steps;
use catalyst_cli::error::Result;
use sqlx::PgPool;

use super::backup::Backup;
use crate::database::rows;

/// Tables without a row in the backup, and kinds of steps of which there was none: a new one has to find its way into
/// [`everything`](super::everything).
pub(super) async fn gaps(database: &PgPool, backup: &Backup) -> Result<Vec<String>> {
    let none = "select kind from unnest($1) kind except select kind from private.steps";
    let kinds: Vec<&str> = steps::kinds().collect();
    let kinds: Vec<(String,)> = rows(database, none, (kinds,)).await?;
    let kinds = kinds.into_iter().map(|(kind,)| kind);
    Ok(backup.empty_tables.iter().cloned().chain(kinds).collect())
}
