//! The database and the outside services.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
