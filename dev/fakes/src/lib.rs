#![doc = include_str!("../README.md")]

pub mod accounts;
mod call_log;
mod catalog;
mod clock;
mod connection;
mod control;
mod digest;
mod fakes;
mod fault;
mod faults;
mod gemini;
mod generated_catalog;
mod google;
pub mod hosting;
mod knobs;
mod request;
mod response;
mod revid;
#[cfg(feature = "s3")]
pub mod s3;
mod server;
mod service;
mod services;
mod slack;
mod world;
mod youtube;

pub use catalog::{CatalogRow, read_catalog, write_catalog};
pub use clock::Clock;
pub use fakes::{Fakes, FakesError, FakesOptions};
pub use generated_catalog::generate_catalog;
pub use revid::webhook::http_client;
pub use service::{Each, Ports, Service, Urls};

// The words that every stand-in is written in.
pub(crate) use call_log::{CallLog, CallRecord};
pub(crate) use clock::{after, pacific, pacific_day, rfc3339};
pub(crate) use connection::{Connection, CuttableListener};
pub(crate) use digest::{hash, hex, short_id};
pub(crate) use fault::{Fault, When};
pub(crate) use faults::Faults;
pub(crate) use generated_catalog::capitalized;
pub(crate) use knobs::{Knobs, settings};
pub(crate) use request::{
    Call, Caller, FaultEffect, Head, contains, drain, field, form, glob, read_json,
};
pub(crate) use response::{
    Failure, HTML, empty_response, google_not_found, json_response, text_response, with_header,
};
pub(crate) use server::Loopback;
pub(crate) use world::{World, lock};
