//! The local stack: Postgres, a Supabase gateway, the functions and the stand-ins of the outside services on one machine.
//!
//! [`Stack`] starts and stops all of it. The other modules are the commands of `catalyst-dev` that need nothing more, and
//! what the rigs use.

pub mod api_client;
pub mod check;
pub mod clock;
pub mod controls;
mod database;
pub mod demo;
pub mod exec;
pub mod functions;
pub mod gateway;
pub mod http_client;
mod local_supabase;
mod options;
mod pg_net;
pub mod secrets;
mod signals;
mod stack;
pub mod stand_ins;
pub mod up;

pub use api_client::Addresses;
pub use options::Options;
pub use stack::{Stack, keep_awake, keep_logs};
