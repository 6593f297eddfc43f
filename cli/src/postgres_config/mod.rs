//! `catalyst postgres-config`: what a production database is set to, as far as its owner may set it.
//!
//! A hosted project's owner is no superuser and cannot change the server's own file. Settings of the database and of roles are
//! made here; those of the server are made by the Supabase CLI, with the command that this prints.

mod command;
mod configure;

pub use self::command::{ConfigArgs, run};
pub use self::configure::{Line, State, configure};
