//! Connecting a channel: Google's consent with PKCE and a single-use state bound to the user, then the channel itself.

mod begin;
mod channel_id;
mod finish;
mod problems;
mod state;

pub use begin::{ConnectBody, ConnectStarted, begin};
pub use finish::{Callback, Finished, finish};
