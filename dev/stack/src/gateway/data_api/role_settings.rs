//! The statement timeouts of the roles that requests run as.

use std::collections::HashMap;

use catalyst_cli::error::{Error, Result};
use postrust_core::config::RoleSettings;
use sqlx::PgPool;

/// Those that `alter role` set.
pub(super) async fn role_settings(admin: &PgPool) -> Result<HashMap<String, RoleSettings>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select r.rolname::text, extract(epoch from split_part(c.setting, '=', 2)::interval)::bigint * 1000
         from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as c(setting)
         where split_part(c.setting, '=', 1) = 'statement_timeout' and s.setdatabase = 0
           and r.rolname in ('anon', 'authenticated', 'service_role')",
    )
    .fetch_all(admin)
    .await
    .map_err(Error::database("cannot read the roles' timeouts"))?;
    Ok(rows
        .into_iter()
        .map(|(role, milliseconds)| {
            let mut settings = RoleSettings::default();
            settings.statement_timeout = u64::try_from(milliseconds).ok();
            (role, settings)
        })
        .collect())
}
