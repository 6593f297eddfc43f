//! What a health check answers.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The service's condition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Health {
    /// `healthy`, `degraded` (an outside service fails, work or backups are late) or `unhealthy` (the database does not answer).
    pub status: HealthStatus,
    /// When this was found out.
    pub timestamp: Timestamp,
    /// Version of the deployment.
    pub version: &'static str,
    /// What the service depends on.
    pub services: Services,
    /// The instance that answers.
    pub system: System,
    /// Work done, and work that waits.
    pub work: Work,
}

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// All is well.
    Healthy,
    /// Something is late or shaky; requests are answered.
    Degraded,
    /// The database does not answer.
    Unhealthy,
}

/// What the service depends on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Services {
    /// The database, as it answered just now.
    pub database: ServiceHealth,
    /// The services outside, as they answered the last real calls.
    pub external_apis: ExternalApis,
}

/// The services outside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExternalApis {
    /// YouTube, and Google's tokens without which it cannot be asked.
    pub youtube: ServiceHealth,
    /// Gemini.
    pub gemini: ServiceHealth,
    /// RevID.
    pub revid: ServiceHealth,
}

/// How one service is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceHealth {
    /// Its condition.
    pub status: ServiceStatus,
    /// How long the last call took, in milliseconds; null when there was none.
    pub response_time: Option<u64>,
    /// When it was last called; null when never.
    pub last_checked: Option<Timestamp>,
    /// `timeout`, `unavailable`, `refused` or `unexpected_answer`; null when the last call went well.
    pub error: Option<&'static str>,
}

impl ServiceHealth {
    /// A service of which no call is known.
    pub(super) const fn nothing(status: ServiceStatus) -> Self {
        Self {
            status,
            response_time: None,
            last_checked: None,
            error: None,
        }
    }
}

/// A service's condition, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    /// This deployment has no key for it.
    NotConfigured,
    /// The last call went well.
    Healthy,
    /// Nobody called it in the last half hour.
    Unknown,
    /// The last call or two failed.
    Degraded,
    /// The last three calls or more failed.
    Unhealthy,
}

/// The instance that answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct System {
    /// Memory that it holds, in MB; null where the system does not tell.
    pub memory_usage: Option<f64>,
    /// How long it has been running, in seconds. The service's own uptime is in the admin metrics.
    pub uptime: u64,
}

/// Work done, and work that waits.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Work {
    /// For how long the work that is due longest has waited, in seconds; null when none is due.
    pub oldest_due_seconds: Option<f64>,
    /// When steps were last claimed; null before the first time.
    pub last_dispatch_at: Option<Timestamp>,
    /// When a backup was last shown to be whole by restoring it; null before the first time.
    pub last_verified_backup_at: Option<Timestamp>,
}
