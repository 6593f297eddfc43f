//! Where encrypted values stand in the database.

/// An encrypted column. Each one of the database has a line here.
pub(super) struct Column {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// Rows with their id and the owner that the value is bound to.
    pub(super) rows: &'static str,
    pub(super) row: &'static str,
}

pub(super) const COLUMNS: [Column; 5] = [
    Column {
        table: "private.channel_credentials",
        column: "refresh_token",
        rows: "select channel_id as id, owner_id as owner, refresh_token as value from private.channel_credentials",
        row: "channel_id",
    },
    Column {
        table: "private.channel_credentials",
        column: "access_token",
        rows: "select channel_id as id, owner_id as owner, access_token as value from private.channel_credentials",
        row: "channel_id",
    },
    Column {
        table: "private.oauth_states",
        column: "code_verifier",
        rows: "select id, user_id as owner, code_verifier as value from private.oauth_states",
        row: "id",
    },
    Column {
        table: "private.upload_sessions",
        column: "session_uri",
        rows:
            "select s.id, u.channel_id as owner, s.session_uri as value
               from private.upload_sessions s join public.scheduled_uploads u on u.id = s.upload_id",
        row: "id",
    },
    Column {
        table: "private.webhook_secrets",
        column: "secret",
        rows:
            "select s.id, e.user_id as owner, s.secret as value
               from private.webhook_secrets s join public.webhook_endpoints e on e.id = s.endpoint_id",
        row: "id",
    },
];
