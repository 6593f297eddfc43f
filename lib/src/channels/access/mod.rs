//! Access to a channel at Google.
//!
//! Tokens are cached encrypted in the database, because functions share nothing else. A caller who finds none that is good
//! gets a lease and asks Google; everybody else waits for what comes of it.

mod error;
mod google;
mod refresh;
mod sealed_tokens;
mod session;
mod token;

pub use error::AccessError;
pub(crate) use google::google;
pub(crate) use sealed_tokens::{SealedTokens, encryption_context};
pub(crate) use session::{CallError, Session};
pub use token::{Access, token};
