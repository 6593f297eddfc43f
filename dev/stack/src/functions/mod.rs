//! The functions and the static files on one port, as the platform would serve them.

mod deployment;
mod error_page;
mod function;
mod invoke;
mod launch;
mod platform;
mod processes;
mod static_files;
mod vercel;

pub(crate) use deployment::{Deployment, Destination};
pub use launch::{Launched, launch};
pub use platform::Platform;
