//! Connecting a channel: Google's consent with PKCE and a single-use state bound to the user, then the channel itself.

mod begin;
mod finish;

pub use begin::{ConnectBody, ConnectStarted, begin};
pub use finish::{Callback, Finished, finish};
