//! The Model Context Protocol: twelve tools for programs that act for users, on the operations of [`routes`](crate::routes).
//!
//! | module | holds |
//! | --- | --- |
//! | [`respond`] | a request of the protocol, answered by `rmcp` without sessions |
//! | `tool`, `catalogue`, `description` | what a tool is, the twelve, and what programs are told of each |
//! | `input_schema`, `arguments` | the tools' arguments: described by their operations' types, and read into them |
//! | `read`, `create`, `publish` | what the tools do: one call into the subjects, as the functions make it |
//! | `confirm` | two calls for whatever spends or publishes |
//!
//! What a tool answers holds words that strangers wrote, and who reads it may take them for orders. So nothing here trusts
//! the program: row level security decides what it sees, and [`agents`](crate::agents) what it may do.

mod arguments;
mod catalogue;
mod confirm;
mod create;
mod description;
mod input_schema;
mod publish;
mod read;
mod resource;
mod respond;
mod server;
mod tool;

pub use resource::resource;
pub use respond::respond;
