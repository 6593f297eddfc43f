//! Requests of the last 24 hours.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// Minutes that were measured, including those in which measuring was not possible.
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
