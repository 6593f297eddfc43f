//! What happened in the last 24 hours, from rollups.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderValue, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vercel_runtime::ResponseBody;

use super::openmetrics;
use platform::db::{Db, DbError};
use platform::endpoint::Reply;

/// Media type of the text for scrapers.
pub const OPENMETRICS: &str = "application/openmetrics-text";

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
    /// What operators were told and have not yet been told the end of.
    pub incidents: Vec<Incident>,
    /// Records that were lost since ever, because the database did not take them in time.
    pub records_dropped: u64,
}

/// Requests. Probes of health are not among them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
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

/// Response times in milliseconds. The percentiles come from a histogram and are exact to a bucket's width.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ResponseTime {
    /// Mean; null without requests.
    pub average: Option<f64>,
    /// Half were faster.
    pub p50: Option<f64>,
    /// Nine of ten were faster.
    pub p90: Option<f64>,
    /// Nineteen of twenty were faster.
    pub p95: Option<f64>,
    /// Ninety-nine of a hundred were faster.
    pub p99: Option<f64>,
    /// Requests by latency.
    pub histogram: Vec<Bucket>,
}

/// A bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Bucket {
    /// Requests faster than this many milliseconds and no faster than the bucket before; null for the last one.
    pub below_ms: Option<u64>,
    /// How many.
    pub requests: u64,
}

/// Measured uptime; null where nothing was measured yet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
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
    /// Minutes that were looked at, those included in which nobody could look.
    pub minutes: u64,
    /// Minutes in which all was well.
    pub minutes_up: u64,
}

/// Requests of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ApiUsage {
    /// Attempts of calls, by service; summed up once a minute.
    pub providers: BTreeMap<String, ProviderUse>,
    /// YouTube's quota of the current day in Los Angeles.
    pub youtube_quota: Vec<Quota>,
    /// When that day ends.
    #[schema(value_type = String, format = DateTime)]
    pub youtube_quota_resets_at: Timestamp,
    /// Cost of generation in this month (UTC), in US dollars.
    pub gemini_cost_usd: f64,
    /// The same that is promised to generations still running.
    pub gemini_reserved_usd: f64,
    /// Credits of the render service, reserved or spent, of today (UTC).
    pub revid_credits_today: u64,
}

/// Use of one outside service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
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
    /// Steps that are due and that nobody has claimed. Steps are counted once a minute.
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

/// Something that operators were told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// `error_rate`, `work_late`, `backup_late`, `quota_low`, `provider_down` or `api_down`.
    pub kind: String,
    /// What of its kind is concerned.
    pub subject: Option<String>,
    /// One sentence, as it was told.
    pub summary: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
}

/// What the database tells.
#[derive(Debug, Deserialize)]
struct Facts {
    now: Timestamp,
    requests: Requests,
    operations: Vec<Sums>,
    uptime_24h: Option<Measured>,
    uptime_30d: Option<Measured>,
    database: Database,
    providers: Vec<Sums>,
    quota: Vec<QuotaRow>,
    quota_resets_at: Timestamp,
    generation: Generation,
    render_credits_today: u64,
    users: UserActivity,
    failed: Vec<FailedRequest>,
    events: BTreeMap<String, u64>,
    pipeline: PipelineRow,
    last_verified_backup_at: Option<Timestamp>,
    incidents: Vec<Incident>,
    records_dropped: u64,
}

#[derive(Debug, Deserialize)]
struct Requests {
    requests: u64,
    errors: u64,
    refused: u64,
    slow: u64,
    duration_ms: u64,
    bounds_ms: Vec<u64>,
    histogram: Vec<u64>,
}

/// Sums of one operation, service or kind of step.
#[derive(Debug, Deserialize)]
struct Sums {
    #[serde(alias = "operation", alias = "service", alias = "kind")]
    name: String,
    #[serde(alias = "requests", alias = "calls", alias = "runs")]
    count: u64,
    #[serde(default, alias = "given_up")]
    errors: u64,
    #[serde(default, alias = "throttled", alias = "retried")]
    slow: u64,
    duration_ms: u64,
}

impl Sums {
    fn average_ms(&self) -> f64 {
        average(self.duration_ms, self.count).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
struct QuotaRow {
    bucket: String,
    capacity: u64,
    spent: u64,
    reserved: u64,
    exhausted: bool,
}

#[derive(Debug, Deserialize)]
struct Generation {
    cost_micros: u64,
    reserved_micros: u64,
}

#[derive(Debug, Deserialize)]
struct PipelineRow {
    due: u64,
    running: u64,
    waiting: u64,
    dead: u64,
    oldest_due_seconds: Option<f64>,
    last_dispatch_at: Option<Timestamp>,
    queues: BTreeMap<String, u64>,
    steps: Vec<Sums>,
}

/// Reads everything in one call.
///
/// # Errors
///
/// [`DbError`].
pub async fn metrics(engine: &Db) -> Result<Metrics, DbError> {
    let facts: Facts = engine.call("admin_metrics", &json!({})).await?;
    Ok(facts.into())
}

/// JSON, or OpenMetrics text for who asks for it.
#[must_use]
pub fn reply(metrics: Metrics, accept: Option<&str>) -> Reply<Metrics> {
    if !accept.is_some_and(|accept| accept.contains(OPENMETRICS)) {
        return Reply::ok(metrics).header(VARY, "accept");
    }
    let mut response = Response::new(ResponseBody::from(Bytes::from(openmetrics::text(&metrics))));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
    );
    headers.insert(VARY, HeaderValue::from_static("accept"));
    Reply::raw(response)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and times of a day are far below 2^52"
)]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn average(sum: u64, count: u64) -> Option<f64> {
    ratio(sum, count).map(|mean| (mean * 10.0).round() / 10.0)
}

/// The value below which `share` of all lie, taking each bucket's to be spread evenly over its width.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and times of a day are far below 2^52"
)]
fn percentile(bounds: &[u64], histogram: &[u64], share: f64) -> Option<f64> {
    let all: u64 = histogram.iter().sum();
    let wanted = all as f64 * share;
    let mut below = 0.0;
    for (n, count) in histogram.iter().map(|count| *count as f64).enumerate() {
        if count > 0.0 && below + count >= wanted {
            let from = if n == 0 { 0 } else { *bounds.get(n - 1)? } as f64;
            // Of the last bucket only its lower end is known.
            let to = bounds.get(n).map_or(from, |to| *to as f64);
            let value = from + (to - from) * ((wanted - below) / count).clamp(0.0, 1.0);
            return Some((value * 10.0).round() / 10.0);
        }
        below += count;
    }
    None
}

#[expect(
    clippy::cast_precision_loss,
    reason = "an amount of money that fits nowhere near 2^52 micros"
)]
fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

impl From<Facts> for Metrics {
    fn from(facts: Facts) -> Self {
        let requests = &facts.requests;
        let at = |share| percentile(&requests.bounds_ms, &requests.histogram, share);
        Self {
            timestamp: facts.now,
            application: Application {
                requests_24h: requests.requests,
                error_rate: ratio(requests.errors, requests.requests).unwrap_or_default(),
                errors: requests.errors,
                refused: requests.refused,
                slow: requests.slow,
                response_time: ResponseTime {
                    average: average(requests.duration_ms, requests.requests),
                    p50: at(0.5),
                    p90: at(0.9),
                    p95: at(0.95),
                    p99: at(0.99),
                    histogram: requests
                        .histogram
                        .iter()
                        .enumerate()
                        .map(|(n, requests_in)| Bucket {
                            below_ms: requests.bounds_ms.get(n).copied(),
                            requests: *requests_in,
                        })
                        .collect(),
                },
                uptime: Uptime {
                    last_24h: facts.uptime_24h,
                    last_30d: facts.uptime_30d,
                },
                operations: facts
                    .operations
                    .into_iter()
                    .map(|sums| OperationUse {
                        average_ms: sums.average_ms(),
                        operation: sums.name,
                        requests: sums.count,
                        errors: sums.errors,
                        slow: sums.slow,
                    })
                    .collect(),
            },
            database: facts.database,
            api_usage: ApiUsage {
                providers: facts
                    .providers
                    .into_iter()
                    .map(|sums| {
                        let used = ProviderUse {
                            calls: sums.count,
                            errors: sums.errors,
                            throttled: sums.slow,
                            average_ms: sums.average_ms(),
                        };
                        (sums.name, used)
                    })
                    .collect(),
                youtube_quota: facts.quota.into_iter().map(Quota::from).collect(),
                youtube_quota_resets_at: facts.quota_resets_at,
                gemini_cost_usd: dollars(facts.generation.cost_micros),
                gemini_reserved_usd: dollars(facts.generation.reserved_micros),
                revid_credits_today: facts.render_credits_today,
            },
            user_activity: facts.users,
            errors: Errors {
                events: facts.events,
                recent: facts.failed,
            },
            pipeline: Pipeline {
                due: facts.pipeline.due,
                running: facts.pipeline.running,
                waiting: facts.pipeline.waiting,
                dead: facts.pipeline.dead,
                oldest_due_seconds: facts.pipeline.oldest_due_seconds,
                last_dispatch_at: facts.pipeline.last_dispatch_at,
                last_verified_backup_at: facts.last_verified_backup_at,
                queues: facts.pipeline.queues,
                steps: facts
                    .pipeline
                    .steps
                    .into_iter()
                    .map(|sums| {
                        let used = StepUse {
                            runs: sums.count,
                            retried: sums.slow,
                            given_up: sums.errors,
                            average_ms: sums.average_ms(),
                        };
                        (sums.name, used)
                    })
                    .collect(),
            },
            incidents: facts.incidents,
            records_dropped: facts.records_dropped,
        }
    }
}

impl From<QuotaRow> for Quota {
    fn from(row: QuotaRow) -> Self {
        let left = row.capacity.saturating_sub(row.spent + row.reserved);
        Self {
            bucket: row.bucket,
            capacity: row.capacity,
            spent: row.spent,
            reserved: row.reserved,
            left: if row.exhausted { 0 } else { left },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_where_the_counts_do() {
        let bounds = [10, 100, 1000];
        assert_eq!(percentile(&bounds, &[], 0.5), None);
        assert_eq!(percentile(&bounds, &[0, 0, 0, 0], 0.5), None);
        assert_eq!(percentile(&bounds, &[100, 0, 0, 0], 0.5), Some(5.0));
        assert_eq!(percentile(&bounds, &[50, 50, 0, 0], 0.5), Some(10.0));
        assert_eq!(percentile(&bounds, &[50, 50, 0, 0], 0.75), Some(55.0));
        assert_eq!(percentile(&bounds, &[99, 0, 0, 1], 0.99), Some(10.0));
        assert_eq!(percentile(&bounds, &[0, 0, 0, 7], 0.5), Some(1000.0));
    }

    #[test]
    fn an_exhausted_quota_has_nothing_left_whatever_our_count_says() {
        let row = |exhausted| QuotaRow {
            bucket: "units".into(),
            capacity: 10_000,
            spent: 90,
            reserved: 10,
            exhausted,
        };
        assert_eq!(Quota::from(row(false)).left, 9_900);
        assert_eq!(Quota::from(row(true)).left, 0);
    }
}
