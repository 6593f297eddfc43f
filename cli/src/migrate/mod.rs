//! `catalyst migrate`: the migrations of `supabase/migrations`, each in one transaction, with a checksum each.
//!
//! The history stays readable by the Supabase CLI (`supabase_migrations.schema_migrations`); the checksums have a table
//! of their own beside it.

mod apply;
mod command;
pub(crate) mod error;
mod files;
pub(crate) mod history;
mod statements;
mod status;
mod tokens;

pub(crate) use apply::apply_within;
pub use apply::up;
pub use command::{MigrateArgs, run};
pub use error::{FailedStatement, MigrateError};
pub use files::{Migration, read};
pub use statements::{Statement, statements};
pub use status::{State, Status, status, verify};

pub use crate::sha256::checksum;
