//! The functions and the static files on one port, as the platform would serve them.

mod deployment;
mod platform;
mod processes;
mod static_files;
mod vercel;

pub(crate) use deployment::{Deployment, Destination};
pub use platform::Platform;
pub use processes::{Launched, launch};
