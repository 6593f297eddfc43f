//! Operations that tell about the service itself, and the scheduler's.

use serde::Serialize;
use utoipa::ToSchema;

use super::documented::Documented;
use crate::monitoring::Health;
use crate::monitoring::PublicConfig;
use platform::endpoint::{Access, BodyForm, Empty, ExtraResponse, Operation};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&LIVE, &HEALTH, &CONFIG, &DISPATCH];

/// `GET /api/health/live`
pub const LIVE: Operation<Empty, Empty, Live> = Operation::get("getLiveness", "/api/health/live")
    .summary("Tells that the function answers; makes no outgoing call.")
    .access(Access::Public);

/// `GET /api/health`
pub const HEALTH: Operation<Empty, Empty, Health> = Operation::get("getHealth", "/api/health")
    .summary("Tells whether the database and the outside services answer, and when work was last done.")
    .describe("Answers 503 with the same body when the status is `unhealthy`. An answer is kept for 5 s. Outside services are never called for it: their status comes from the last real calls.")
    .access(Access::Public)
    .deadline(10)
    .also(&[ExtraResponse {
        status: 503,
        body: Some(("application/json", BodyForm::Same)),
        when: "The database does not answer.",
    }]);

/// `GET /api/config`
pub const CONFIG: Operation<Empty, Empty, PublicConfig> =
    Operation::get("getConfig", "/api/config")
        .summary("What a front end needs to sign people in: Supabase's address and public key.")
        .access(Access::Public);

/// `POST /api/cron/dispatch`
pub const DISPATCH: Operation<Empty, Empty, Dispatched> = Operation::post(
    "dispatchSteps",
    "/api/cron/dispatch",
)
.summary("Runs due steps inside a time budget; answers at once and works on.")
.describe("For the scheduler: `Authorization: Bearer $CRON_SECRET`. Calling it twice does no harm.")
.access(Access::Cron)
.status(202);

/// The function answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `live`.
    pub status: &'static str,
}

/// The dispatcher works on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dispatched {
    /// Always `accepted`.
    pub status: &'static str,
}
