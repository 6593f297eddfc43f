//! The product: what its functions do, in its own words.
//!
//! A function under `api/` binds handlers to the operations of [`routes`] and hands them to `platform::endpoint::serve`. Handlers
//! call into the modules here; those call `engine` functions through `platform::db` and the outside world through `clients`.

#![cfg_attr(
    test,
    allow(clippy::too_many_lines, reason = "tests hold tables of cases")
)]

#[cfg(all(feature = "crash-proof-off", not(debug_assertions)))]
compile_error!("`crash-proof-off` uploads videos twice on purpose: debug builds only");

/// An enum of words is shown as it is written in the database and in the API.
macro_rules! display_as_serialized {
    ($name:ty) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                serde::Serialize::serialize(self, f)
            }
        }
    };
}

pub mod accounts;
pub mod agents;
pub mod channels;
pub mod content;
mod language;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod monitoring;
pub mod pipeline;
pub mod publishing;
mod quota;
pub mod rendering;
pub mod routes;
pub mod slots;
pub mod steps;
pub mod sync;
pub mod videos;
pub mod webhooks;
