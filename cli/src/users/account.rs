//! Accounts, found by id or address.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Result};

/// An account with its plan, and what it has used this month.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) email: Option<String>,
    pub(super) created_at: String,
    pub(super) channels: i64,
    pub(super) plan: Map<String, Value>,
    pub(super) renders: i64,
    pub(super) render_credits: i64,
    pub(super) generation_micros: i64,
}

/// Accounts whose id or address this is or, when `part`, whose address holds this; the oldest first.
pub(super) async fn find(
    connection: &mut PgConnection,
    text: &str,
    part: bool,
    most: i64,
) -> Result<Vec<Account>> {
    let rows = sqlx::query_scalar(
        "select jsonb_build_object('id', a.id, 'email', a.email, 'created_at', a.created_at,
           'channels', (select count(*) from public.channel_members m where m.user_id = a.id and m.role = 'owner'),
           'plan', coalesce(u.plan, '{}'), 'renders', coalesce(c.renders, 0), 'render_credits', coalesce(c.render_credits, 0),
           'generation_micros', coalesce(c.cost_micros, 0))
         from auth.users a left join public.users u on u.id = a.id
         left join public.usage_counters c on c.user_id = a.id and c.period = private.usage_period(private.now())
         where a.id::text = lower($1) or lower(a.email) = lower($1)
           or ($2 and position(lower($1) in lower(coalesce(a.email, ''))) > 0) or ($2 and $1 = '')
         order by a.created_at, a.id limit $3",
    )
    .bind(text)
    .bind(part)
    .bind(most)
    .fetch_all(connection)
    .await;
    let rows: Vec<Json<Account>> = rows.map_err(Error::database("cannot read the accounts"))?;
    Ok(rows.into_iter().map(|Json(account)| account).collect())
}

/// The one account of an id or address.
pub(super) async fn one(connection: &mut PgConnection, text: &str) -> Result<Account> {
    let mut found = find(connection, text, false, 2).await?;
    match (found.pop(), found.pop()) {
        (Some(account), None) => Ok(account),
        (None, _) => Err(Error::setup(
            format!("nobody has the id or address {text}"),
            "`catalyst users list --email PART` finds accounts by a part of their address",
        )),
        (Some(_), Some(_)) => Err(Error::setup(
            format!("two accounts have the address {text}"),
            "give an id",
        )),
    }
}
