//! Reconciling: what may have happened since the backup.

use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::triggers;
use crate::backup::error::BackupError;
use crate::backup::manifest::Contents;
use crate::error::{Error, Result};
use crate::postgres::catalog;

/// Puts work that may have gone on since into states that look before they act; see the comment of the SQL function.
pub(super) async fn reconcile(connection: &mut PgConnection, contents: &Contents) -> Result<Value> {
    let function = "private.reconcile_after_restore(uuid, timestamptz)";
    let known = catalog::has_function(connection, function)
        .await
        .map_err(Error::database("cannot read the target"))?;
    if !known {
        return Err(BackupError::Unfit {
            what: "the migrations of this checkout have no private.reconcile_after_restore"
                .to_owned(),
        }
        .into());
    }
    triggers::turn(connection, false).await?;
    let reconciled: Json<Value> = sqlx::query_scalar(
        "select private.reconcile_after_restore($1, to_timestamp($2::bigint / 1000.0))",
    )
    .bind(contents.id)
    .bind(contents.taken_at.as_millisecond())
    .fetch_one(&mut *connection)
    .await
    .map_err(Error::database("cannot reconcile what was restored"))?;
    triggers::turn(connection, true).await?;
    Ok(reconciled.0)
}
