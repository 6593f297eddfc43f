//! Black-box tests of every route, through the built functions. Run by `catalyst-dev exec -- cargo test --test api`.

#![allow(clippy::too_many_lines, reason = "tests hold tables of cases")]

mod access_tokens;
mod accounts;
mod addresses;
mod admin;
mod background_work;
mod caching;
mod changes;
mod channels;
mod consistency;
mod content;
mod database_calls;
mod health;
mod idempotency;
mod input;
mod monitoring;
mod operations;
mod problems;
mod rate_limits;
mod rendering;
mod rights;
mod rules;
mod schedule;
#[path = "../support/mod.rs"]
mod support;
mod sync;
mod tenants;
mod videos;
mod webhooks;

/// Whether one test at a time uses the stack, so that it may move the product's time.
const ALONE: bool = false;
