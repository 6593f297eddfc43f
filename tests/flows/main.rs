//! Tests over many steps, which move the product's time. Run by `catalyst-dev exec -- cargo test --test flows -- --test-threads=1`.

#![allow(clippy::too_many_lines, reason = "tests hold tables of cases")]

mod answers;
mod canaries;
mod clock;
mod copies;
mod doctor;
mod keys;
mod metrics;
mod publish;
mod rendering;
mod rotation;
mod settings;
mod slow_writes;
#[path = "../support/mod.rs"]
mod support;
mod sync;
mod watch;
mod webhooks;
mod withdrawal;
mod within_thirty_days;

/// Whether one test at a time uses the stack, so that it may move the product's time.
const ALONE: bool = true;
