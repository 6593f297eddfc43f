//! The signed-in user's profile, with limits and usage.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::limits::Limits;
use super::profile_changes::ProfileChanges;
use super::usage::{Usage, usage};
use platform::config::Config;
use platform::db::{Db, Fetch as _};
use platform::endpoint::Problem;
use platform::ids::UserId;

/// A user's profile, as stored.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    id: UserId,
    display_name: Option<String>,
    time_zone: String,
    #[serde(default)]
    plan: serde_json::Value,
    erasing_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
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
    /// When erasure was asked for; null unless it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erasing_at: Option<Timestamp>,
    /// Counts edits; the `ETag`.
    pub version: i64,
    /// When the product was first used.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// The caller's profile with limits and usage.
///
/// # Errors
///
/// As any read.
pub async fn get(db: &Db, config: &Config, user: UserId) -> Result<Me, Problem> {
    let row = db.from("users").select("*").eq("id", user).one::<Row>();
    let usage = usage(db, user);
    let (row, usage) = futures_util::join!(row, usage);
    Ok(me(row?, usage?, config))
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
    changes: &ProfileChanges,
) -> Result<Me, Problem> {
    changes.check()?;
    let row: Row = engine
        .call(
            "update_profile",
            &json!({"p_user": user, "p_version": version, "p_changes": changes}),
        )
        .await?;
    Ok(me(row, usage(db, user).await?, config))
}

fn me(row: Row, usage: Usage, config: &Config) -> Me {
    Me {
        limits: Limits::of(&row.plan, config),
        id: row.id,
        display_name: row.display_name,
        time_zone: row.time_zone,
        usage,
        erasing_at: row.erasing_at,
        version: row.version,
        created_at: row.created_at,
    }
}
