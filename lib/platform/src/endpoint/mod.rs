//! The one entry point of every function, and what handlers need.
//!
//! [`serve`] owns what the runtime gets wrong: it never hands an error or a panic to the runtime, lets requests in flight
//! finish on SIGTERM, and gives every answer its request id, its headers and its log line.

mod answer;
mod body;
mod cache;
mod call;
mod cors;
mod ctx;
mod declaration;
mod if_match;
mod input;
#[cfg(feature = "lambda")]
mod lambda;
mod operation;
mod page;
mod query;
mod rate_limit;
mod reply;
mod request;
mod respond;
mod response;
mod route;
mod schema;
pub mod schema_shapes;
mod serve;
mod streamed;
#[cfg(test)]
mod tests;

pub use crate::problem::{FieldError, Kind, Problem, ProblemBody};
pub use answer::{Answer, Raw};
pub use body::{AnyBody, BodyInput};
pub use ctx::{Ctx, Idempotency};
pub use declaration::{Access, BodyForm, Caching, Declaration, ExtraResponse, Limit, Verb};
pub use input::{Empty, Input};
pub use operation::Operation;
pub use page::{Page, PageSize, decode_cursor, encode_cursor};
pub use query::QueryInput;
pub use reply::Reply;
pub use route::{Route, on};
pub use schema::Schemas;
pub use serve::{RuntimeError, serve};
pub use streamed::streamed;
