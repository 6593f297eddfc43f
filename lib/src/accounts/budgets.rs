//! What a user may still spend.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::rendering::limits;
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::ids::UserId;

/// What a user may still spend. It promises nothing: a request reserves what it needs, or is refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Budgets {
    /// First day of the next month (UTC), when what is counted by the month begins anew.
    pub renews_on: Date,
    /// Generation in this month.
    pub generation: GenerationBudget,
    /// Renders in this month.
    pub renders: CountedBudget,
    /// Credits for renders today (UTC).
    pub render_credits_today: CountedBudget,
}

/// Money for generation, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct GenerationBudget {
    /// What may be spent.
    pub budget_micros: i64,
    /// What was spent.
    pub used_micros: i64,
    /// What is set aside for generations that are running.
    pub reserved_micros: i64,
    /// What is left.
    pub remaining_micros: i64,
}

/// A number of renders, or of credits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct CountedBudget {
    /// How many there are.
    pub budget: i64,
    /// How many are used.
    pub used: i64,
    /// How many are set aside for renders that were not sent yet.
    pub reserved: i64,
    /// How many are left.
    pub remaining: i64,
}

/// Reads a user's budgets.
///
/// # Errors
///
/// [`DbError`].
pub(super) async fn budgets(
    engine: &Db,
    config: &Config,
    user: UserId,
) -> Result<Budgets, DbError> {
    let arguments = json!({ "p_user": user, "p_limits": limits(config) });
    engine.query("read_budgets", &arguments).await
}
