//! Operations for those who run the deployment.

use super::documented::Documented;
use crate::monitoring::dead_letters::{DeadLetter, ListQuery, Resolve, Resolved};
use crate::monitoring::metrics::{Metrics, OPENMETRICS};
use platform::endpoint::{Access, BodyForm, Empty, ExtraResponse, Kind, Limit, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&METRICS, &FAILURES, &RESOLVE_FAILURE];

/// `GET /api/admin/metrics`
pub const METRICS: Operation<Empty, Empty, Metrics> =
    Operation::get("getMetrics", "/api/admin/metrics")
        .summary("What happened in the last 24 hours: requests, database, outside services, users, errors, pipeline.")
        .describe("From rollups, so it costs the same whatever the traffic. `Accept: application/openmetrics-text` gives OpenMetrics text for a scraper.")
        .access(Access::Admin)
        .also(&[ExtraResponse {
            status: 200,
            body: Some((OPENMETRICS, BodyForm::Text)),
            when: "For a scraper that asks for it.",
        }]);

/// `GET /api/admin/failures`
pub const FAILURES: Operation<ListQuery, Empty, Page<DeadLetter>> =
    Operation::get("listFailures", "/api/admin/failures")
        .summary("Lists steps that used up their attempts, with the cause and what to do.")
        .order("Newest first.")
        .access(Access::Admin);

/// `POST /api/admin/failures`
pub const RESOLVE_FAILURE: Operation<Empty, Resolve, Resolved> =
    Operation::post("resolveFailure", "/api/admin/failures")
        .summary("Puts a failed step back to work, or closes it; either is written down with who did it and why.")
        .access(Access::Admin)
        .limit(Limit::Write)
        .idempotent()
        .status(200)
        .problems(&[Kind::NotFound, Kind::InvalidState]);
