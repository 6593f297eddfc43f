//! What operators are shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::application::Application;
use super::usage::{ApiUsage, Database};

/// What an operator wants to know at a glance. Everything but what says otherwise is of the last 24 hours.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Metrics {
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Requests.
    pub application: Application,
    /// The database.
    pub database: Database,
    /// The outside services.
    pub api_usage: ApiUsage,
    /// Users.
    pub user_activity: UserActivity,
    /// What went wrong.
    pub errors: Errors,
    /// Work in steps.
    pub pipeline: Pipeline,
    /// Incidents that operators were notified of and that are not over.
    pub incidents: Vec<Incident>,
    /// Records that were lost since ever, because the database did not take them in time.
    pub records_dropped: u64,
}

/// Users, counted once a minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserActivity {
    /// All.
    pub total: u64,
    /// New ones.
    pub new_24h: u64,
    /// Those who made a request.
    pub active_24h: u64,
    /// Channels by state.
    pub channels: BTreeMap<String, u64>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Errors {
    /// Lines of the system log by severity.
    pub events: BTreeMap<String, u64>,
    /// The newest 20 requests that failed.
    pub recent: Vec<FailedRequest>,
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedRequest {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Its id, under which its log lines stand.
    pub request_id: String,
    /// Operation id.
    pub operation: String,
    /// Status of the answer.
    pub status: u16,
    /// Code of the problem.
    pub code: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Work in steps.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Pipeline {
    /// Steps that are due and not claimed. Steps are counted once a minute.
    pub due: u64,
    /// Steps that run.
    pub running: u64,
    /// Steps that wait, those included that are not due yet.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// For how long the work that is due longest has waited; null when none is due.
    pub oldest_due_seconds: Option<f64>,
    /// When steps were last claimed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_dispatch_at: Option<Timestamp>,
    /// When a backup was last shown to be whole by restoring it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_verified_backup_at: Option<Timestamp>,
    /// Steps that wait or run, by queue.
    pub queues: BTreeMap<String, u64>,
    /// Runs of steps, by kind.
    pub steps: BTreeMap<String, StepUse>,
}

/// Runs of steps of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct StepUse {
    /// How many.
    pub runs: u64,
    /// Those that failed and are tried again.
    pub retried: u64,
    /// Those that failed for good.
    pub given_up: u64,
    /// Mean time of a run in milliseconds.
    pub average_ms: f64,
}

/// Something that operators were notified of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// `error_rate`, `work_late`, `backup_late`, `quota_low`, `provider_down` or `api_down`.
    pub kind: String,
    /// What of its kind is concerned.
    pub subject: Option<String>,
    /// One sentence, as in the notification.
    pub summary: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
}
