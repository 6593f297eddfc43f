//! The rigs: what breaks the product's surroundings on a stack of its own, or measures it there, and counts the effects.

pub mod bench;
pub mod crash;
mod database;
pub mod drill;
mod environment;
pub mod erasure;
pub mod fairness;
pub mod outages;
mod patience;
pub mod spending;
mod stand_ins;
pub mod withdrawals;
