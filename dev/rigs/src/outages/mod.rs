//! `catalyst-dev outages`: every operation of the API while one of the services behind it is away, slow or answers garbage.
//!
//! Connections to Postgres, the Data API, the key set, Google, YouTube, Gemini and RevID go through a proxy that can refuse,
//! delay, reset, cut and garble them. For each service and each fault every operation is called at once. Whatever
//! happens, an answer must come within the operation's deadline; when it is a refusal it is a problem document that
//! tells nothing of what is inside; and five seconds after the fault has passed the service is used again.

mod answer;
mod calls;
mod fault;
mod matrix;
mod operation_requests;
mod prepared;
mod proxied_stack;
mod proxy;
mod rounds;
mod run;
mod verdict;

pub use run::{OutagesArgs, run};
