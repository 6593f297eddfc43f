//! Dead letters: work that used up its attempts, and what an administrator may do about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::advice::next_action;
use platform::db::Db;
use platform::endpoint::{Idempotency, Kind, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, StepId, UserId};

pub use super::advice::{Action, NextAction};

/// Which dead letters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

/// A dead letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetter {
    /// The step.
    pub id: StepId,
    /// What it was to do, for example `upload.advance`.
    pub kind: String,
    /// The row it is about: an upload, a render, a channel.
    pub subject_id: Uuid,
    /// The channel it belongs to.
    pub channel_id: Option<ChannelId>,
    /// When it became a dead letter.
    #[schema(value_type = String, format = DateTime)]
    pub died_at: Timestamp,
    /// Attempts that it used.
    pub attempts: u32,
    /// The request that made it due; its log lines and provider calls carry the same id.
    pub request_id: Option<String>,
    /// Why it is one.
    pub cause: Cause,
    /// What to do.
    pub next_action: NextAction,
}

/// Why a step became a dead letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cause {
    /// Slug of the last error; `attempts_exhausted` when its process never came back.
    pub code: String,
    /// One sentence.
    pub message: String,
}

/// What is to be done about one dead letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The step.
    pub id: StepId,
    /// What to do.
    pub action: Action,
    /// Why, for the log.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// What became of a dead letter.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Settled {
    /// The step.
    pub id: StepId,
    /// What it is to do.
    pub kind: String,
    /// What was done.
    pub action: Action,
    /// The step's state: `waiting` or `done`.
    pub state: String,
}

/// A dead step, as stored.
#[derive(Debug, Deserialize)]
struct Row {
    id: StepId,
    kind: String,
    subject_id: Uuid,
    channel_id: Option<ChannelId>,
    died_at: Timestamp,
    attempts: u32,
    request_id: Option<String>,
    last_error: Option<serde_json::Value>,
}

impl From<Row> for DeadLetter {
    fn from(row: Row) -> Self {
        let text = |name: &str| {
            row.last_error
                .as_ref()
                .and_then(|error| error[name].as_str())
                .map(str::to_owned)
        };
        let cause = Cause {
            code: text("code").unwrap_or_else(|| "unknown".to_owned()),
            message: text("message").unwrap_or_else(|| {
                "No attempt left an error: its process was killed, or never came back.".to_owned()
            }),
        };
        Self {
            next_action: next_action(&row.kind, &cause.code),
            id: row.id,
            kind: row.kind,
            subject_id: row.subject_id,
            channel_id: row.channel_id,
            died_at: row.died_at,
            attempts: row.attempts,
            request_id: row.request_id,
            cause,
        }
    }
}

/// Dead letters, the newest first.
///
/// # Errors
///
/// A bad cursor, and what [`DbError`](platform::db::DbError) becomes.
pub async fn list(engine: &Db, query: &ListQuery) -> Result<Page<DeadLetter>, Problem> {
    let before: Option<(Timestamp, StepId)> =
        query.cursor.as_deref().map(decode_cursor).transpose()?;
    let arguments = json!({
        "p_limit": query.limit.0 + 1,
        "p_before": before.map(|(at, _)| at),
        "p_before_id": before.map(|(_, id)| id),
    });
    let rows: Vec<Row> = engine.call("list_failures", &arguments).await?;
    let letters = rows.into_iter().map(DeadLetter::from).collect();
    Ok(Page::cut(letters, query.limit.0, |letter: &DeadLetter| {
        (letter.died_at, letter.id)
    }))
}

/// Puts a dead letter back to work or closes it.
///
/// # Errors
///
/// What `engine.settle_failure` refuses with: no such step, none that is dead, none that trying again would help.
pub async fn settle(
    engine: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    wanted: &Settle,
) -> Result<Settled, Problem> {
    if wanted
        .reason
        .as_ref()
        .is_some_and(|r| r.chars().count() > 500)
    {
        return Err(Problem::new(Kind::InvalidBody)
            .detail("reason may have at most 500 characters.")
            .pointer("/reason", "must have at most 500 characters"));
    }
    let arguments = json!({
        "p_user": user,
        "p_idempotency": idempotency,
        "p_step": wanted.id,
        "p_action": wanted.action,
        "p_reason": wanted.reason,
    });
    Ok(engine.call("settle_failure", &arguments).await?)
}
