//! What the product's own tables say.

use sqlx::PgConnection;

use crate::doctor::finding::Finding;
use crate::postgres::catalog;

/// Whether a user sees their own rows only.
pub(super) async fn row_level_security(connection: &mut PgConnection) -> Option<Finding> {
    let open = catalog::tables_without_row_level_security(connection);
    let open = open.await.ok()?;
    Some(if open.is_empty() {
        Finding::fine("row level security is on for every table of public")
    } else {
        Finding::fault(
            format!("row level security is off: {}", open.join(", ")),
            "`alter table public.<name> enable row level security` at once; then find out who switched it off",
        )
    })
}

/// A Google project in testing gives permissions that end after seven days.
pub(super) async fn google_consent(connection: &mut PgConnection) -> Option<Finding> {
    let ending: i64 = sqlx::query_scalar(
        "select count(*) from private.channel_credentials where permission_expires_at < refreshed_at + interval '8 days'",
    )
    .fetch_one(connection)
    .await
    .ok()?;
    (ending > 0).then(|| {
        Finding::fault(
            format!("the Google project is still in testing: {ending} channels lose their connection seven days after the consent"),
            "publish the app (Google Auth Platform, Audience), then have these channels connected again",
        )
    })
}

/// Whether scores may be shown.
pub(super) async fn scores(connection: &mut PgConnection) -> Option<Finding> {
    let accepted: bool = sqlx::query_scalar(
        "select exists (select from private.settings where key = 'derived_metrics_accepted_at')",
    )
    .fetch_one(connection)
    .await
    .ok()?;
    (!accepted).then(|| {
        Finding::advice(
            "scores are hidden: YouTube's derived-metrics amendment is not recorded as accepted",
            "once it is accepted: `insert into private.settings values ('derived_metrics_accepted_at', to_jsonb(now()))`",
        )
    })
}
