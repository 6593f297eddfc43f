//! Connecting a channel: Google's consent with PKCE and a single-use state bound to the user, then the channel itself.

mod begin;
mod callback;
mod finish;

pub use begin::{ConnectBody, ConnectStarted, begin};
pub use callback::{Callback, hand_on};
pub use finish::{ConnectedChannel, FinishBody, finish};
