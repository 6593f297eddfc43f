//! Outbound webhooks: endpoints that users register, the deliveries to them, and every attempt's result.
//!
//! The database writes an event in the transaction that makes it true. The step [`deliver`] sends it.

pub mod deliver;
mod delivery;
mod endpoint;
mod register;
mod secret;
pub mod signature;

pub use delivery::{
    Attempt, AttemptOutcome, DeliveriesQuery, Delivery, DeliveryState, deliveries, delivery,
    replay, test,
};
pub use endpoint::EventType;
pub use endpoint::{
    DisabledReason, Endpoint, EndpointState, EndpointsQuery, delete, endpoint, endpoints,
};
pub use register::{EndpointBody, EndpointChanges, NewEndpoint, create, update};
pub use secret::{NewSecret, RotateBody, rotate};
