//! What a user has used in the current month.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use platform::clock;
use platform::db::{Db, Fetch as _};
use platform::endpoint::Problem;
use platform::ids::UserId;

/// What a user has used in a month.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// First day of the month.
    #[schema(value_type = String, format = Date)]
    pub period: Date,
    /// Texts generated.
    pub generations: i64,
    /// Tokens read by the model.
    pub input_tokens: i64,
    /// Tokens written by the model.
    pub output_tokens: i64,
    /// Cost of generation in millionths of a US dollar.
    pub cost_micros: i64,
    /// Renders submitted.
    pub renders: i64,
    /// Credits used for renders.
    pub render_credits: i64,
}

/// The caller's row of the month that it is in UTC; zeros when nothing was used.
pub(super) async fn usage(db: &Db, user: UserId) -> Result<Usage, Problem> {
    let today = clock::now().to_zoned(TimeZone::UTC).date();
    let period = today.first_of_month();
    let rows = db
        .from("usage_counters")
        .select("*")
        .eq("user_id", user)
        .eq("period", period)
        .rows::<Usage>()
        .await?;
    Ok(rows.into_iter().next().unwrap_or(Usage {
        period,
        ..Usage::default()
    }))
}
