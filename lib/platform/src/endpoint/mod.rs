//! The one entry point of every function, and what handlers need.
//!
//! [`serve`] owns what the runtime gets wrong: it never hands an error or a panic to the runtime, lets requests in flight
//! finish on SIGTERM, and gives every answer its request id, its headers and its log line.

mod cache;
mod cors;
mod ctx;
pub mod fields;
mod input;
#[cfg(feature = "lambda")]
mod lambda;
mod operation;
mod page;
mod rate_limit;
mod reply;
pub mod schema_shapes;
mod serve;
mod streamed;

pub use crate::problem::{FieldError, Kind, Problem, ProblemBody};
pub use ctx::{Ctx, Idempotency};
pub use input::{AnyBody, BodyInput, Empty, Input, QueryInput, Schemas};
pub use operation::{
    Access, BodyForm, Caching, Declaration, ExtraResponse, Limit, Operation, Verb,
};
pub use page::{Page, PageSize, decode_cursor, encode_cursor};
pub use reply::{Answer, Json, Raw, Reply};
pub use serve::{Route, RuntimeError, on, serve};
pub use streamed::streamed;
