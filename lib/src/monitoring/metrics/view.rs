//! What operators are shown, as the database sums it up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::response_time::ResponseTime;

/// What an operator wants to know at a glance. Everything but what says otherwise is of the last 24 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Metrics {
    /// When this was read.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
    pub last_dispatch_at: Option<Timestamp>,
    /// When a backup was last shown to be whole by restoring it.
    pub last_verified_backup_at: Option<Timestamp>,
    /// Steps that wait or run, by queue.
    pub queues: BTreeMap<String, u64>,
    /// Runs of steps, by kind.
    pub steps: BTreeMap<String, StepUse>,
}

/// Runs of steps of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// `error_rate`, `work_late`, `backup_late`, `quota_low`, `provider_down`, `dead_letter` or `api_down`.
    pub kind: String,
    /// What of its kind is concerned.
    pub subject: Option<String>,
    /// One sentence, as in the notification.
    pub summary: String,
    /// Since when.
    pub opened_at: Timestamp,
}

/// Requests. Probes of health are not among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Application {
    /// How many.
    pub requests_24h: u64,
    /// Share answered with 500 or more; 0 without requests.
    pub error_rate: f64,
    /// Answered with 500 or more.
    pub errors: u64,
    /// Answered with 400 to 499.
    pub refused: u64,
    /// Slower than two seconds.
    pub slow: u64,
    /// Response times in milliseconds, until the answer was ready to be sent.
    pub response_time: ResponseTime,
    /// Share of minutes in which the deployment answered that it is well, asked from the database once a minute.
    pub uptime: Uptime,
    /// The same by operation, over the last 24 whole hours and the current one; summed up once a minute.
    pub operations: Vec<OperationUse>,
}

/// Measured uptime; null where nothing was measured yet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Uptime {
    /// Of the last 24 hours.
    pub last_24h: Option<Measured>,
    /// Of the last 30 days.
    pub last_30d: Option<Measured>,
}

/// A measured share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measured {
    /// Between 0 and 1.
    pub ratio: f64,
    /// Minutes that were measured, including those in which measuring was not possible.
    pub minutes: u64,
    /// Minutes in which all was well.
    pub minutes_up: u64,
}

/// Requests of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperationUse {
    /// Operation id.
    pub operation: String,
    /// How many.
    pub requests: u64,
    /// Answered with 500 or more.
    pub errors: u64,
    /// Slower than two seconds.
    pub slow: u64,
    /// Mean response time in milliseconds.
    pub average_ms: f64,
}

/// The database, since its statistics were last reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Database {
    /// Connections of clients.
    pub connections: u64,
    /// How many it takes.
    pub connections_max: u64,
    /// Age of the oldest open transaction of another connection.
    pub oldest_transaction_seconds: Option<f64>,
    /// Its size, measured once a minute.
    pub size_bytes: u64,
    /// Transactions.
    pub transactions: u64,
    /// Deadlocks.
    pub deadlocks: u64,
    /// Share of pages found in memory.
    pub cache_hit_ratio: Option<f64>,
    /// Statements; null where `pg_stat_statements` is not there to tell.
    pub statements: Option<Statements>,
}

/// Statements, since their statistics were last reset; counted once a minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statements {
    /// How many ran.
    pub queries: Option<u64>,
    /// Kinds of statements that take more than a second on average.
    pub slow_queries: u64,
    /// Time spent on all.
    pub total_ms: Option<u64>,
}

/// The outside services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiUsage {
    /// Attempts of calls, by service; summed up once a minute.
    pub providers: BTreeMap<String, ProviderUse>,
    /// YouTube's quota of the current day in Los Angeles.
    pub youtube_quota: Vec<Quota>,
    /// When that day ends.
    pub youtube_quota_resets_at: Timestamp,
    /// Cost of generation in this month (UTC), in millionths of a US dollar.
    pub gemini_cost_micros: i64,
    /// The same that is promised to generations still running.
    pub gemini_reserved_micros: i64,
    /// Credits of the render service, reserved or spent, of today (UTC).
    pub revid_credits_today: u64,
}

/// Use of one outside service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProviderUse {
    /// Attempts of calls.
    pub calls: u64,
    /// Attempts that the service did not answer as it should.
    pub errors: u64,
    /// Attempts that the service asked to be made later.
    pub throttled: u64,
    /// Mean time of an attempt in milliseconds.
    pub average_ms: f64,
}

/// One bucket of a daily quota.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quota {
    /// `uploads`, `search`, `batch_get_stats` or `units`.
    pub bucket: String,
    /// What the day holds.
    pub capacity: u64,
    /// What was used.
    pub spent: u64,
    /// What is promised to calls still running.
    pub reserved: u64,
    /// What is left; 0 when YouTube itself said that nothing is.
    pub left: u64,
}
