//! The signed-in user's profile, with limits and usage.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::budgets::{Budgets, budgets};
use crate::channels::check_zone;
use platform::clock;
use platform::config::Config;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Kind, Problem};
use platform::field_errors::FieldErrors;
use platform::ids::UserId;
use platform::nullable::{given, required};

/// A user's profile, as stored.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    id: UserId,
    display_name: Option<String>,
    time_zone: String,
    plan: Plan,
    erasing_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
}

/// What of a user's plan the database does not apply to the budgets by itself.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Plan {
    requests_per_minute: Option<u32>,
}

/// The signed-in user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Id, as in the access token.
    pub id: UserId,
    /// Name to show.
    pub display_name: Option<String>,
    /// IANA time zone; new channels begin with it.
    pub time_zone: String,
    /// What this user may use.
    pub limits: Limits,
    /// What this user has used in the current month (UTC).
    pub usage: Usage,
    /// What this user may still spend.
    pub budgets: Budgets,
    /// When erasure was asked for; null unless it is under way.
    pub erasing_at: Option<Timestamp>,
    /// Counts edits; what the `ETag` names.
    pub version: i64,
    /// When the product was first used.
    pub created_at: Timestamp,
}

/// What a user may use.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Limits {
    /// Requests a minute.
    pub requests_per_minute: u32,
    /// Renders a month.
    pub renders_per_month: u32,
}

impl Limits {
    fn of(plan: &Plan, budgets: &Budgets, config: &Config) -> Self {
        let of_deployment = config.limits.requests_per_minute;
        Self {
            requests_per_minute: plan.requests_per_minute.unwrap_or(of_deployment),
            renders_per_month: budgets.renders.budget.try_into().unwrap_or(u32::MAX),
        }
    }
}

/// What a user has used in a month.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// First day of the month.
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

/// Changes of a profile. A field that is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MeChanges {
    /// Name to show, 1 to 80 characters; null clears it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub display_name: Option<Option<String>>,
    /// IANA time zone, for example `Europe/Berlin`.
    #[schema(value_type = String, required = false, example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub time_zone: Option<String>,
}

impl MeChanges {
    /// Checks what the types do not.
    fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give display_name, time_zone or both.")
                .pointer("", "must hold display_name or time_zone"));
        }
        let mut errors = FieldErrors::default();
        if let Some(Some(name)) = &self.display_name {
            errors.check_text("/display_name", name, 80);
        }
        if let Some(zone) = &self.time_zone {
            check_zone(zone, &mut errors);
        }
        errors.into_result()
    }
}

/// The caller's profile with limits, usage and budgets.
///
/// # Errors
///
/// As any read.
pub async fn get(db: &Db, engine: &Db, config: &Config, user: UserId) -> Result<Me, Problem> {
    let row = db.from("users").select("*").eq("id", user).one::<Row>();
    let usage = usage(db, user);
    let budgets = budgets(engine, config, user);
    let (row, usage, budgets) = futures_util::join!(row, usage, budgets);
    Ok(me(row?, usage?, budgets?, config))
}

/// Changes the caller's profile.
///
/// # Errors
///
/// The field that is not acceptable, a version that is not the newest.
pub async fn update(
    db: &Db,
    engine: &Db,
    config: &Config,
    user: UserId,
    version: Option<i64>,
    changes: &MeChanges,
) -> Result<Me, Problem> {
    changes.check()?;
    let row: Row = engine
        .call(
            "update_profile",
            &json!({"p_user": user, "p_version": version, "p_changes": changes}),
        )
        .await?;
    let budgets = budgets(engine, config, user);
    let (usage, budgets) = futures_util::join!(usage(db, user), budgets);
    Ok(me(row, usage?, budgets?, config))
}

fn me(row: Row, usage: Usage, budgets: Budgets, config: &Config) -> Me {
    Me {
        limits: Limits::of(&row.plan, &budgets, config),
        id: row.id,
        display_name: row.display_name,
        time_zone: row.time_zone,
        usage,
        budgets,
        erasing_at: row.erasing_at,
        version: row.version,
        created_at: row.created_at,
    }
}

/// The caller's row of the month that it is in UTC; zeros when nothing was used.
async fn usage(db: &Db, user: UserId) -> Result<Usage, Problem> {
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

#[cfg(test)]
mod tests;
