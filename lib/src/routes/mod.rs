//! Every operation of the API, declared once. The functions run on these declarations; the OpenAPI document, the error
//! list and the checks are made from them.

pub mod accounts;
pub mod admin;
pub mod agents;
pub mod channels;
#[cfg(test)]
mod conformance;
pub mod content;
mod documented;
pub mod openapi;
pub mod publishing;
pub mod rendering;
pub mod service;
pub mod videos;
pub mod webhooks;

use platform::endpoint::Declaration;

pub use documented::Documented;

/// Every operation.
#[must_use]
pub fn all() -> Vec<&'static dyn Documented> {
    [
        accounts::OPERATIONS,
        admin::OPERATIONS,
        agents::OPERATIONS,
        channels::OPERATIONS,
        content::OPERATIONS,
        publishing::OPERATIONS,
        rendering::OPERATIONS,
        service::OPERATIONS,
        videos::OPERATIONS,
        webhooks::OPERATIONS,
    ]
    .concat()
}

/// The declarations of every operation.
pub fn declarations() -> impl Iterator<Item = &'static Declaration> {
    all().into_iter().map(Documented::declaration)
}
