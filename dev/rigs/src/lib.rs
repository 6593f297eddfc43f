//! The rigs: what strikes at the product on a stack of its own, or measures it there, and counts what comes of it.

pub mod bench;
pub mod crash;
pub mod drill;
pub mod outages;
mod rig;
