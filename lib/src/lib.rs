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

pub mod accounts;
pub mod channels;
pub mod content;
mod language;
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
