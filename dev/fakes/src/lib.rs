#![doc = include_str!("../README.md")]

mod accounts;
mod call_log;
mod catalog;
mod clock;
mod connection;
mod control;
mod digest;
mod failure;
mod fakes;
mod fault;
mod faults;
mod gemini;
mod generated_catalog;
mod google;
pub mod hosting;
mod http_client;
mod knobs;
mod lock;
mod loopback;
mod pattern;
mod request;
mod response;
mod revid;
#[cfg(feature = "s3")]
pub mod s3;
mod server;
mod service;
mod services;
mod slack;
mod text;
mod world;
mod youtube;

pub use catalog::{CatalogRow, read_catalog, write_catalog};
pub use clock::Clock;
pub use fakes::{Fakes, FakesError, FakesOptions};
pub use generated_catalog::generate_catalog;
pub use http_client::http_client;
pub use service::{Ports, Service, Urls};
