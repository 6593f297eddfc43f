//! What the database recorded of claims, steps and how they ended.

use catalyst_cli::error::{Error, Result};
use serde_json::{Map, Value, json};
use sqlx::PgPool;

/// Claims and steps, counted by the database itself.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Records {
    pub(super) left_running: i64,
    /// Claims of steps that render and upload.
    pub(super) claims: i64,
    pub(super) claims_of_other_steps: i64,
    pub(super) taken_over: i64,
    claims_without_end: i64,
    /// Claims as the pipeline counts them.
    counted_claims: i64,
    /// The longest silence of a worker before its step was taken over, in seconds.
    pub(super) longest_silence: f64,
    pub(super) asked_again: i64,
    pub(super) submits_found_again: i64,
    pub(super) dead_letters: i64,
}

impl Records {
    pub(super) async fn read(database: &PgPool) -> Result<Self> {
        sqlx::query_as(
            "select
               (select open + steps from crash_rig.progress) as left_running,
               (select count(*) from crash_rig.claims c join private.steps s on s.id = c.step where s.kind in ('render.advance', 'upload.advance')) as claims,
               (select count(*) from crash_rig.claims c where not exists (
                 select from private.steps s where s.id = c.step and s.kind in ('render.advance', 'upload.advance'))) as claims_of_other_steps,
               (select count(*) from crash_rig.claims where ending = 'taken_over') as taken_over,
               (select count(*) from crash_rig.claims where ending is null) as claims_without_end,
               (select coalesce(sum(claims), 0)::bigint from private.steps where kind in ('render.advance', 'upload.advance')) as counted_claims,
               (select coalesce(max(extract(epoch from silent)), 0)::float8 from crash_rig.claims where ending = 'taken_over') as longest_silence,
               (select coalesce(sum(submits - 1), 0)::bigint from crash_rig.jobs) as asked_again,
               (select count(*) from public.renders where found_by in ('callback', 'listing', 'listing_time')) as submits_found_again,
               (select count(*) from private.steps where state = 'dead') as dead_letters",
        )
        .fetch_one(database)
        .await
        .map_err(Error::database("cannot count the claims"))
    }

    /// Whether each claim has an end, and the pipeline counted as many as its database saw.
    pub(super) fn are_accounted(&self) -> bool {
        self.claims == self.counted_claims
            && self.claims_of_other_steps == 0
            && self.claims_without_end == 0
    }
}

/// Which uploads and renders ended where, and why.
pub(super) async fn outcomes(database: &PgPool) -> Result<Map<String, Value>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select 'upload ' || state || coalesce(': ' || case when state in ('needs_attention', 'cancelled', 'failed') then reason end, ''),
           count(*) from public.scheduled_uploads group by 1
         union all
         select 'render ' || state || coalesce(': ' || case when state = 'failed' then error ->> 'code' end, ''), count(*)
         from public.renders group by 1 order by 1",
    )
    .fetch_all(database)
    .await
    .map_err(Error::database("cannot count the uploads"))?;
    Ok(rows
        .into_iter()
        .map(|(what, count)| (what, json!(count)))
        .collect())
}
