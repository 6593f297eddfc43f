//! Tests over many steps, which move the product's time. Run by `catalyst-dev exec -- cargo test --test flows -- --test-threads=1`.

mod answers;
mod canaries;
mod clock;
#[path = "../api/connecting.rs"]
mod connecting;
mod doctor;
mod keys;
mod publish;
#[path = "../api/publisher.rs"]
mod publisher;
#[path = "../api/receiver.rs"]
mod receiver;
mod rendering;
#[path = "../api/studio.rs"]
mod studio;
#[path = "../support/mod.rs"]
mod support;
mod sync;
mod watch;
mod webhooks;
mod within_thirty_days;

/// Whether one test at a time uses the stack, so that it may move the product's time.
const ALONE: bool = true;
