//! The one entry point of every function, and what handlers need.
//!
//! [`serve`] owns what the runtime gets wrong: it never hands an error or a panic to the runtime, lets requests in flight
//! finish on SIGTERM, and gives every answer its request id, its headers and its log line.

mod admission;
mod call;
mod ctx;
mod declaration;
mod input;
#[cfg(feature = "lambda")]
mod lambda;
mod mistake;
mod page;
mod reply;
mod request;
mod response;
mod route;
pub mod schema_shapes;
mod serve;

pub use crate::problem::{FieldError, Kind, Problem, ProblemBody};
pub use ctx::Ctx;
pub use declaration::{
    Access, BodyForm, Caching, Declaration, ExtraResponse, Limit, Operation, Verb,
};
pub use input::{AnyBody, AnyQuery, BodyInput, Empty, Input, QueryInput};
pub use page::{Page, PageSize, TimeOrder, decode_cursor, encode_cursor};
pub use reply::{Answer, Raw, Reply, streamed};
pub use request::Idempotency;
pub use route::{Route, on};
pub use schema_shapes::Schemas;
pub use serve::{RuntimeError, serve};

#[cfg(test)]
mod tests;
