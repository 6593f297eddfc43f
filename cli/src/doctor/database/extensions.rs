//! The extensions that the product needs.

use sqlx::PgConnection;

use crate::doctor::finding::Finding;

pub(super) async fn check(connection: &mut PgConnection) -> Option<Finding> {
    let missing: Vec<String> = sqlx::query_scalar(
        "select name from unnest(array['pg_cron', 'pgmq', 'supabase_vault', 'pg_net']) as name
         where not exists (select from pg_extension where extname = name)
         -- A local stack gives some of them by other means.
           and to_regnamespace(case name when 'pg_cron' then 'cron' when 'supabase_vault' then 'vault'
                                         when 'pg_net' then 'net' else name end) is null",
    )
    .fetch_all(connection)
    .await
    .ok()?;
    (!missing.is_empty()).then(|| {
        Finding::fault(
            format!("extensions that are not enabled: {}", missing.join(", ")),
            "enable them under Database, Extensions",
        )
    })
}
