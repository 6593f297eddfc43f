//! Access to a channel at Google.
//!
//! Tokens are cached encrypted in the database, because functions share nothing else. A caller who finds none that is good
//! gets a lease and asks Google; everybody else waits for what comes of it.

mod error;
mod refresh;
mod session;
mod token;

pub use error::AccessError;
pub(crate) use error::google;
pub(crate) use refresh::{SealedTokens, encryption_context};
pub(crate) use session::{CallError, Session};
pub use token::{Access, token};
