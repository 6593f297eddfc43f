//! Black-box tests of every route, through the built functions. Run by `catalyst-dev exec -- cargo test --test api`.

mod accounts;
mod admin;
mod caching;
mod channels;
mod connecting;
mod content;
mod every_route;
mod guards;
mod health;
mod hostile_tokens;
mod input;
mod monitoring;
mod operations;
mod platform;
mod publisher;
mod receiver;
mod rendering;
mod rights;
mod rules;
mod schedule;
mod studio;
#[path = "../support/mod.rs"]
mod support;
mod sync;
mod tenants;
mod tokens;
mod videos;
mod webhooks;

/// Whether one test at a time uses the stack, so that it may move the product's time.
const ALONE: bool = false;
