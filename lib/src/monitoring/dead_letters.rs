//! Dead letters: work that used up its attempts, and what an administrator may do about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use platform::db::Db;
use platform::endpoint::{Idempotency, Kind, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, StepId, UserId};

/// Which dead letters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[serde(default)]
    #[param(inline)]
    pub limit: PageSize,
}

/// A dead letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepFailure)]
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

/// What to do about a dead letter.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NextAction {
    /// The action that fits.
    pub action: Action,
    /// Why, and what to look at first.
    pub advice: &'static str,
}

/// What can be done about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Put it back to work, with all its attempts.
    Retry,
    /// Close it; its subject stays as it is.
    Discard,
}

/// What is to be done about one dead letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResolveFailureBody)]
pub struct Resolve {
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
#[schema(as = ResolvedFailure)]
pub struct Resolved {
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
        let text = |name: &str, default: &str| {
            let text = row
                .last_error
                .as_ref()
                .and_then(|error| error[name].as_str());
            text.unwrap_or(default).to_owned()
        };
        let unexplained = "No attempt left an error: its process was killed, or never came back.";
        let cause = Cause {
            code: text("code", "unknown"),
            message: text("message", unexplained),
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
    let (before, before_id) = before.unzip();
    let arguments =
        json!({"p_limit": query.limit.0 + 1, "p_before": before, "p_before_id": before_id});
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
pub async fn resolve(
    engine: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    wanted: &Resolve,
) -> Result<Resolved, Problem> {
    let reason = wanted.reason.as_deref().unwrap_or_default();
    if reason.chars().count() > 500 {
        return Err(Problem::new(Kind::InvalidBody)
            .detail("reason may have at most 500 characters.")
            .pointer("/reason", "must have at most 500 characters"));
    }
    let arguments = json!({
        "p_user": user, "p_idempotency": idempotency, "p_step": wanted.id, "p_action": wanted.action,
        "p_reason": wanted.reason,
    });
    Ok(engine.call("settle_failure", &arguments).await?)
}

/// What fits a kind of step and the cause of its end.
fn next_action(kind: &str, code: &str) -> NextAction {
    let (action, advice) = match (kind, code) {
        (_, "unknown_step") => (
            Action::Discard,
            "No code of this deployment runs steps of this kind. It may be left over from a newer one.",
        ),
        (_, "panicked") => (
            Action::Retry,
            "A defect of ours. Find the panic in the log of this request, deploy a fix, then retry.",
        ),
        (_, "attempts_exhausted") => (
            Action::Retry,
            "Each attempt ended its process. Look for memory or time limits in the platform's log, then retry one.",
        ),
        ("channel.sync" | "channel.score", _) => (
            Action::Retry,
            "Nothing is lost: it starts again from the channel's own data. Retry when the cause is gone.",
        ),
        ("channel.erase" | "user.erase", _) => (
            Action::Retry,
            "Somebody asked to be erased and is not yet. It is taken up again by itself; see what stands in its way.",
        ),
        ("render.advance", _) => (
            Action::Retry,
            "Looks for the paid job again and never sends a second one. Discard it once the render has failed or was cancelled.",
        ),
        ("upload.advance", _) => (
            Action::Retry,
            "Looks at what YouTube holds before it sends anything. Mind the publish time: if it has passed, the user has to choose another.",
        ),
        ("upload.thumbnail", _) => (
            Action::Discard,
            "The video itself is up. The user can set the picture on YouTube; retry if the channel may do so by now.",
        ),
        _ => (
            Action::Retry,
            "Retry when the cause is gone; discard it when its subject no longer matters.",
        ),
    };
    NextAction { action, advice }
}

#[cfg(test)]
mod tests;
