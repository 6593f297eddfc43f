//! Operations that tell about the service itself, and the scheduler's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::openapi::Documented;
use crate::http::{Also, BodyForm, Nothing, Operation, Raw, Who};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&LIVE, &HEALTH, &OPENAPI, &DISPATCH];

/// `GET /api/health/live`
pub const LIVE: Operation<Nothing, Nothing, Live> =
    Operation::get("health.live", "/api/health/live")
        .summary("Tells that the function answers; makes no outgoing call.")
        .who(Who::Public);

/// `GET /api/health`
pub const HEALTH: Operation<Nothing, Nothing, Health> = Operation::get("health.get", "/api/health")
    .summary("Tells whether the database answers and when work was last done.")
    .describe("Answers 503 with the same body when the status is `unhealthy`. Outside services are never called for it.")
    .who(Who::Public)
    .deadline(10)
    .also(&[Also {
        status: 503,
        body: Some(("application/json", BodyForm::Same)),
        when: "The database does not answer.",
    }]);

/// `GET /api/openapi.json`
pub const OPENAPI: Operation<Nothing, Nothing, Raw> =
    Operation::get("openapi.get", "/api/openapi.json")
        .summary("This document.")
        .who(Who::Public);

/// `POST /api/cron/dispatch`
pub const DISPATCH: Operation<Nothing, Nothing, Dispatched> = Operation::post(
    "cron.dispatch",
    "/api/cron/dispatch",
)
.summary("Runs due steps inside a time budget; answers at once and works on.")
.describe("For the scheduler: `Authorization: Bearer $CRON_SECRET`. Calling it twice does no harm.")
.who(Who::Cron)
.status(202);

/// The function answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `live`.
    pub status: &'static str,
}

/// The service's condition.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `healthy`, `degraded` (work is late) or `unhealthy` (the database does not answer).
    pub status: HealthStatus,
    /// When this was found out.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: jiff::Timestamp,
    /// Version of the deployment.
    pub version: &'static str,
    /// Age of the oldest due step in seconds; null when none is due.
    pub oldest_due_seconds: Option<f64>,
    /// When steps were last claimed; null before the first time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_dispatch_at: Option<jiff::Timestamp>,
}

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// All is well.
    Healthy,
    /// Work is late.
    Degraded,
    /// The database does not answer.
    Unhealthy,
}

/// The dispatcher works on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dispatched {
    /// Always `accepted`.
    pub status: &'static str,
}
