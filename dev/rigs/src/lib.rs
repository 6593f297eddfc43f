//! The rigs: what breaks the product's surroundings on a stack of its own, or measures it there, and counts the effects.

pub mod bench;
pub mod crash;
pub mod drill;
mod environment;
pub mod outages;
mod reports;
mod video_request;
