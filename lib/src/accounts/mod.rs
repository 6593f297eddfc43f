//! The signed-in user: profile, limits, usage, and the export of everything.

pub mod export;
mod limits;
mod profile;
mod profile_changes;
mod usage;

pub use limits::Limits;
pub use profile::{Me, get, update};
pub use profile_changes::ProfileChanges;
pub use usage::Usage;
