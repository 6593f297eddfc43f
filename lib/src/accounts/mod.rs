//! The signed-in user: profile, limits, usage, and the export of everything.

mod budgets;
pub mod export;
mod profile;

pub use budgets::{Budgets, CountedBudget, GenerationBudget};
pub use profile::{Limits, Me, MeChanges, Usage, get, update};
