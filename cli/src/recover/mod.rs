//! `catalyst recover`: from a lost database back to a working service, and how much that cost.
//!
//! Without `--apply` it changes nothing and says what still answers, which backup would be taken, whether its archive opens and is whole, and
//! what would be changed at Vercel and Cloudflare.

mod command;
pub mod deployment;
mod integrity;
mod recovery;
mod service;
mod unclaimed;

pub use self::command::{RecoverArgs, run};
pub use self::recovery::{Settings, recover};
