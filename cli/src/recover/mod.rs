//! `catalyst recover`: from a lost database back to a working service, and how much that cost.
//!
//! Without `--apply` it changes nothing and says what still answers, which backup would be taken, whether its archive opens and is whole, and
//! what would be changed at Vercel and Cloudflare.

mod args;
mod assess;
mod channel_search;
mod command;
pub mod deployment;
mod http;
mod integrity;
mod lost_changes;
mod recovery;
mod report;
mod service;
mod settings;

pub use self::{args::RecoverArgs, command::run, recovery::recover, settings::Settings};
