//! Operations on outbound webhooks.

use super::documented::Documented;
use crate::webhooks::{
    DeliveriesQuery, Delivery, Endpoint, EndpointBody, EndpointChanges, EndpointsQuery,
    NewEndpoint, NewSecret, RotateBody,
};
use platform::endpoint::{Empty, Kind, Limit, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[
    &LIST,
    &CREATE,
    &GET,
    &UPDATE,
    &DELETE,
    &ROTATE,
    &TEST,
    &DELIVERIES,
    &DELIVERY,
    &REPLAY,
];

/// `GET /api/webhooks/endpoints`
pub const LIST: Operation<EndpointsQuery, Empty, Page<Endpoint>> =
    Operation::get("listEndpoints", "/api/webhooks/endpoints")
        .summary("Lists your webhook endpoints, ten at most.")
        .order("Oldest first.");

/// `POST /api/webhooks/endpoints`
pub const CREATE: Operation<Empty, EndpointBody, NewEndpoint> =
    Operation::post("createEndpoint", "/api/webhooks/endpoints")
        .summary("Registers an address to which events of your channels are sent.")
        .describe("Events are signed as Standard Webhooks 1.0.0 says; the secret stands in this answer only. `docs/webhooks.md` has an example that verifies.")
        .limit(Limit::Write)
        .idempotent()
        .problems(&[Kind::LimitReached, Kind::NotConfigured, Kind::NotFound]);

/// `GET /api/webhooks/endpoints/{id}`
pub const GET: Operation<Empty, Empty, Endpoint> =
    Operation::get("getEndpoint", "/api/webhooks/endpoints/{id}")
        .summary("One endpoint, and whether it fails.")
        .editable();

/// `PATCH /api/webhooks/endpoints/{id}`
pub const UPDATE: Operation<Empty, EndpointChanges, Endpoint> =
    Operation::patch("updateEndpoint", "/api/webhooks/endpoints/{id}")
        .summary("Changes an endpoint, disables it or enables it again.")
        .limit(Limit::Write)
        .editable();

/// `DELETE /api/webhooks/endpoints/{id}`
pub const DELETE: Operation<Empty, Empty, Empty> =
    Operation::delete("deleteEndpoint", "/api/webhooks/endpoints/{id}")
        .summary("Deletes an endpoint with the log of its deliveries.")
        .limit(Limit::Write)
        .editable();

/// `POST /api/webhooks/endpoints/{id}/secret`
pub const ROTATE: Operation<Empty, RotateBody, NewSecret> =
    Operation::post("rotateSecret", "/api/webhooks/endpoints/{id}/secret")
        .summary("Gives an endpoint a new secret.")
        .describe("For 24 hours every delivery carries a signature with the new and one with the old secret, unless `end_old` is true. Send an Idempotency-Key, so that a repeated request is not a second rotation.")
        .limit(Limit::Write)
        .idempotent()
        .problems(&[Kind::NotConfigured]);

/// `POST /api/webhooks/endpoints/{id}/test`
pub const TEST: Operation<Empty, Empty, Delivery> =
    Operation::post("testEndpoint", "/api/webhooks/endpoints/{id}/test")
        .summary("Sends a `ping`, signed as every event is; follow the delivery.")
        .idempotent()
        .limit(Limit::Write)
        .status(202)
        .problems(&[Kind::InvalidState, Kind::LimitReached]);

/// `GET /api/webhooks/deliveries`
pub const DELIVERIES: Operation<DeliveriesQuery, Empty, Page<Delivery>> =
    Operation::get("listDeliveries", "/api/webhooks/deliveries")
        .summary("Lists what was sent to your endpoints in the last 30 days, with every attempt.")
        .order("Newest first, unless `sort` says otherwise.");

/// `GET /api/webhooks/deliveries/{id}`
pub const DELIVERY: Operation<Empty, Empty, Delivery> =
    Operation::get("getDelivery", "/api/webhooks/deliveries/{id}")
        .summary("One delivery with its body and its attempts.");

/// `POST /api/webhooks/deliveries/{id}/replay`
pub const REPLAY: Operation<Empty, Empty, Delivery> =
    Operation::post("replayDelivery", "/api/webhooks/deliveries/{id}/replay")
        .summary("Sends an event again, now, with the same `webhook-id`.")
        .idempotent()
        .limit(Limit::Write)
        .status(202)
        .problems(&[Kind::InvalidState, Kind::LimitReached]);
