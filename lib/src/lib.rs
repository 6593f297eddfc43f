//! Everything the functions of Content Catalyst Engine share.
//!
//! A function under `api/` declares nothing itself: it binds handlers to operations of [`routes`] and hands them to
//! [`http::serve`]. Handlers call into the product's words; those call `engine` functions through [`db`] and the outside
//! world through [`clients`].

#[cfg(all(feature = "crash-proof-off", not(debug_assertions)))]
compile_error!("`crash-proof-off` uploads videos twice on purpose: debug builds only");

pub mod accounts;
pub mod auth;
pub mod channels;
pub mod clients;
pub mod clock;
pub mod config;
pub mod content;
pub mod db;
pub mod http;
pub mod ids;
pub mod operations;
pub mod pipeline;
pub mod publishing;
pub mod rendering;
pub mod routes;
pub mod scoring;
pub mod secrets;
pub mod telemetry;
pub mod tls;
pub mod videos;
pub mod webhooks;
