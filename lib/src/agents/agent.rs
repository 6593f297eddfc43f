//! What a user lets a program do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Kind, Page, PageSize, Problem};
use platform::field_errors::FieldErrors;
use platform::ids::{AgentId, UserId};
use platform::nullable::required;

/// A program that acts for you, and what it may do beside reading. Programs that you have allowed nothing are not listed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its `client_id` at the sign-in service, which also knows the name that it gave itself.
    pub id: AgentId,
    /// Whether it may spend: generate content, and order renders.
    pub may_spend: bool,
    /// Whether it may schedule, move, change and cancel uploads.
    pub may_publish: bool,
    /// What it may spend on generation within 24 hours, in millionths of a US dollar.
    pub daily_cost_micros: i64,
    /// What it may spend on renders within 24 hours, in credits.
    pub daily_credits: i64,
    /// How many uploads it may schedule, move, change or cancel within 24 hours.
    pub daily_publications: i64,
    /// Counts edits; the `ETag`.
    pub version: i64,
    /// When you first allowed it anything.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// Which page of the programs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct AgentsQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// The caller's programs, oldest first.
///
/// # Errors
///
/// As any read.
pub async fn list(db: &Db, query: &AgentsQuery) -> Result<Page<Agent>, Problem> {
    let rows = db.from("agents").select("*");
    let rows = keyset::ascending(rows, "created_at", query.cursor.as_deref(), query.limit)?;
    let rows = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |agent: &Agent| {
        (agent.created_at, agent.id)
    }))
}

/// One program.
///
/// # Errors
///
/// `not_found` when it was never allowed anything.
pub async fn get(db: &Db, id: AgentId) -> Result<Agent, Problem> {
    Ok(db.from("agents").select("*").eq("id", id).one().await?)
}

/// What a program may do from now on. Absent fields stay as they are; to begin with nothing is allowed, and the caps are one
/// dollar, 100 credits and 3 uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AgentChanges {
    /// Whether it may spend.
    #[schema(value_type = bool, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub may_spend: Option<bool>,
    /// Whether it may schedule, move, change and cancel uploads.
    #[schema(value_type = bool, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub may_publish: Option<bool>,
    /// Millionths of a US dollar within 24 hours; 0 to 1,000,000,000.
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub daily_cost_micros: Option<i64>,
    /// Credits within 24 hours; 0 to 100,000.
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 100_000)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub daily_credits: Option<i64>,
    /// Uploads within 24 hours; 0 to 100.
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 100)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub daily_publications: Option<i64>,
}

impl AgentChanges {
    fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give what it may do, or a cap.")
                .pointer(
                    "",
                    "must hold may_spend, may_publish, daily_cost_micros, daily_credits or daily_publications",
                ));
        }
        let mut errors = FieldErrors::default();
        for (pointer, cap, most) in [
            ("/daily_cost_micros", self.daily_cost_micros, 1_000_000_000),
            ("/daily_credits", self.daily_credits, 100_000),
            ("/daily_publications", self.daily_publications, 100),
        ] {
            if cap.is_some_and(|cap| !(0..=most).contains(&cap)) {
                errors.add(pointer, format!("must lie between 0 and {most}"));
            }
        }
        errors.into_result()
    }
}

/// Changes what a program may do.
///
/// # Errors
///
/// The cap that is out of range, a version that is not the newest, more than a hundred programs.
pub async fn change(
    engine: &Db,
    user: UserId,
    id: AgentId,
    version: Option<i64>,
    changes: &AgentChanges,
) -> Result<Agent, Problem> {
    changes.check()?;
    let arguments =
        json!({"p_user": user, "p_agent": id, "p_version": version, "p_changes": changes});
    Ok(engine.call("change_agent", &arguments).await?)
}
