//! The limits that a user may have of their own, which docs/settings.md shows.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::settings::change::Changed;
use crate::settings::{Range, Setting};
use crate::{Error, Result};

/// In the order in which they are listed. Without one, the deployment's limit is the user's.
#[rustfmt::skip]
pub const LIMITS: &[Setting] = &[
    Setting { name: "requests_per_minute", range: Range::Whole { least: 1, most: 1_000_000, unit: "requests" },
        meaning: "Reads in any minute, instead of MAX_API_REQUESTS_PER_MINUTE; changes get half, what spends money a tenth." },
    Setting { name: "renders_per_month", range: Range::up_to(1_000_000, "renders"),
        meaning: "Renders in a month." },
    Setting { name: "render_credits_per_day", range: Range::up_to(100_000_000, "credits"),
        meaning: "Credits that this user's renders may hold of a day, instead of a share of the deployment's." },
    Setting { name: "generation_user_month_micros", range: Range::Money { most_dollars: 1_000_000 },
        meaning: "What this user may spend on generation in a month." },
    Setting { name: "generation_channel_day", range: Range::up_to(100_000, "generations"),
        meaning: "How often this user may generate for one channel in a day." },
];

/// Gives a user a limit of their own, or the deployment's again.
pub(super) async fn set(
    connection: &mut PgConnection,
    user: Uuid,
    limit: &Setting,
    value: Option<&Value>,
    made_by: &str,
) -> Result<Changed> {
    let answer = sqlx::query_scalar("select private.change_plan($1, $2, $3, $4)");
    let answer = answer.bind(user).bind(limit.name).bind(value).bind(made_by);
    let answer: Option<Value> = answer
        .fetch_one(connection)
        .await
        .map_err(Error::database("cannot change the plan"))?;
    let gone = || {
        Error::setup(
            "the account is gone",
            "`catalyst users list` has those there are",
        )
    };
    Ok(Changed::of(&answer.ok_or_else(gone)?))
}
