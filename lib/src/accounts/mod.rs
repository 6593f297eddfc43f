//! The signed-in user: profile, limits, usage, and the take-out of everything.

pub mod export;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::channels::settings::{check_zone, refuse};
use platform::config::Config;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Kind, Problem};
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

/// What a user may use.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Limits {
    /// Requests a minute.
    pub requests_per_minute: u32,
    /// Renders a month.
    pub renders_per_month: u32,
}

/// What a user has used in a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Counters {
    generations: i64,
    input_tokens: i64,
    output_tokens: i64,
    cost_micros: i64,
    renders: i64,
    render_credits: i64,
}

/// Changes of a profile. Fields that are absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileChanges {
    /// Name to show, 1 to 80 characters; null clears it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub display_name: Option<Option<String>>,
    /// IANA time zone, for example `Europe/Berlin`.
    #[schema(example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Tells a null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ProfileChanges {
    /// Checks what the types do not.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with every field that is not acceptable.
    pub fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give display_name, time_zone or both.")
                .pointer("", "must hold display_name or time_zone"));
        }
        let mut errors = Vec::new();
        if let Some(Some(name)) = &self.display_name
            && (name.trim().is_empty() || name.chars().count() > 80)
        {
            errors.push((
                "/display_name".into(),
                "must have 1 to 80 characters and not only blanks".into(),
            ));
        }
        if let Some(zone) = &self.time_zone {
            check_zone(zone, &mut errors);
        }
        refuse(errors)
    }
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

async fn usage(db: &Db, user: UserId) -> Result<Usage, Problem> {
    let today = platform::clock::now().to_zoned(TimeZone::UTC).date();
    let period = today.first_of_month();
    let counters = db
        .from("usage_counters")
        .select("*")
        .eq("user_id", user)
        .eq("period", period)
        .rows::<Counters>()
        .await?
        .pop()
        .unwrap_or_default();
    Ok(Usage {
        period,
        generations: counters.generations,
        input_tokens: counters.input_tokens,
        output_tokens: counters.output_tokens,
        cost_micros: counters.cost_micros,
        renders: counters.renders,
        render_credits: counters.render_credits,
    })
}

fn me(row: Row, usage: Usage, config: &Config) -> Me {
    let plan = |name: &str, default: u32| {
        row.plan
            .get(name)
            .and_then(serde_json::Value::as_u64)
            .and_then(|limit| limit.try_into().ok())
            .unwrap_or(default)
    };
    Me {
        limits: Limits {
            requests_per_minute: plan("requests_per_minute", config.limits.requests_per_minute),
            renders_per_month: plan("renders_per_month", config.limits.renders_per_month),
        },
        id: row.id,
        display_name: row.display_name,
        time_zone: row.time_zone,
        usage,
        erasing_at: row.erasing_at,
        version: row.version,
        created_at: row.created_at,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(body: serde_json::Value) -> ProfileChanges {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn null_clears_and_absence_keeps() {
        let cleared = changes(json!({"display_name": null}));
        assert_eq!(cleared.display_name, Some(None));
        assert_eq!(
            serde_json::to_value(&cleared).unwrap(),
            json!({"display_name": null})
        );
        assert!(cleared.check().is_ok());
        let zone = changes(json!({"time_zone": "Asia/Kathmandu"}));
        assert_eq!(zone.display_name, None);
        assert!(zone.check().is_ok());
    }

    #[test]
    fn unsound_profiles_are_refused() {
        for body in [
            json!({}),
            json!({"display_name": ""}),
            json!({"display_name": "  "}),
            json!({"display_name": "x".repeat(81)}),
            json!({"time_zone": "Mars/Olympus"}),
        ] {
            assert!(changes(body.clone()).check().is_err(), "{body}");
        }
        assert!(serde_json::from_value::<ProfileChanges>(json!({"email": "x"})).is_err());
    }
}
