//! `catalyst cost`: what a deployment costs a month, line by line, from how many channels and videos it has.

mod bill;
mod command;
mod plans;
mod prices;
#[cfg(test)]
mod tests;
mod usage;

pub use self::command::{CostArgs, run};
