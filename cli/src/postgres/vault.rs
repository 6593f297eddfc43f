//! The secrets that the database itself uses, in Supabase's Vault.

use sqlx::PgConnection;

/// A secret, if Vault holds it.
pub(crate) async fn secret(
    connection: &mut PgConnection,
    name: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select decrypted_secret from vault.decrypted_secrets where name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await
}

/// Keeps a secret, in place of the one that was there.
pub(crate) async fn set_secret(
    connection: &mut PgConnection,
    name: &str,
    value: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "select case when exists (select from vault.secrets where name = $1)
           then (select vault.update_secret(id, $2)::text from vault.secrets where name = $1)
           else vault.create_secret($2, $1)::text end",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await
    .map(drop)
}
