//! The database's figures, and the metrics made from them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::application::{Application, Bucket, Measured, OperationUse, ResponseTime, Uptime};
use super::percentile::{average, dollars, percentile, ratio};
use super::usage::{ApiUsage, Database, ProviderUse, Quota};
use super::view::{Errors, FailedRequest, Incident, Metrics, Pipeline, StepUse, UserActivity};

/// Answer of `admin_metrics`.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
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

impl From<Facts> for Metrics {
    fn from(facts: Facts) -> Self {
        let (users, failed) = (facts.users, facts.failed);
        Self {
            timestamp: facts.now,
            application: Application {
                uptime: Uptime {
                    last_24h: facts.uptime_24h,
                    last_30d: facts.uptime_30d,
                },
                operations: facts.operations.into_iter().map(Sums::operation).collect(),
                ..facts.requests.into()
            },
            database: facts.database,
            api_usage: ApiUsage {
                providers: facts.providers.into_iter().map(Sums::provider).collect(),
                youtube_quota: facts.quota.into_iter().map(Quota::from).collect(),
                youtube_quota_resets_at: facts.quota_resets_at,
                gemini_cost_usd: dollars(facts.generation.cost_micros),
                gemini_reserved_usd: dollars(facts.generation.reserved_micros),
                revid_credits_today: facts.render_credits_today,
            },
            user_activity: users,
            errors: Errors {
                events: facts.events,
                recent: failed,
            },
            pipeline: Pipeline {
                last_verified_backup_at: facts.last_verified_backup_at,
                ..facts.pipeline.into()
            },
            incidents: facts.incidents,
            records_dropped: facts.records_dropped,
        }
    }
}

/// Without uptime and operations.
impl From<Requests> for Application {
    fn from(requests: Requests) -> Self {
        let at = |share| percentile(&requests.bounds_ms, &requests.histogram, share);
        let bounds = requests.bounds_ms.iter().copied().map(Some);
        let buckets = requests.histogram.iter().zip(bounds.chain([None]));
        Self {
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
                histogram: buckets
                    .map(|(&requests, below_ms)| Bucket { below_ms, requests })
                    .collect(),
            },
            uptime: Uptime {
                last_24h: None,
                last_30d: None,
            },
            operations: Vec::new(),
        }
    }
}

/// Without backups.
impl From<PipelineRow> for Pipeline {
    fn from(row: PipelineRow) -> Self {
        Self {
            due: row.due,
            running: row.running,
            waiting: row.waiting,
            dead: row.dead,
            oldest_due_seconds: row.oldest_due_seconds,
            last_dispatch_at: row.last_dispatch_at,
            last_verified_backup_at: None,
            queues: row.queues,
            steps: row.steps.into_iter().map(Sums::step).collect(),
        }
    }
}

impl Sums {
    fn average_ms(&self) -> f64 {
        average(self.duration_ms, self.count).unwrap_or_default()
    }

    fn operation(self) -> OperationUse {
        OperationUse {
            average_ms: self.average_ms(),
            operation: self.name,
            requests: self.count,
            errors: self.errors,
            slow: self.slow,
        }
    }

    fn provider(self) -> (String, ProviderUse) {
        let used = ProviderUse {
            calls: self.count,
            errors: self.errors,
            throttled: self.slow,
            average_ms: self.average_ms(),
        };
        (self.name, used)
    }

    fn step(self) -> (String, StepUse) {
        let used = StepUse {
            runs: self.count,
            retried: self.slow,
            given_up: self.errors,
            average_ms: self.average_ms(),
        };
        (self.name, used)
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
mod tests;
