//! The signed-in user: profile, limits, usage, and the export of everything.

pub mod export;
mod profile;

pub use profile::{Limits, Me, ProfileChanges, Usage, get, update};
