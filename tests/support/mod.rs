//! What the black-box tests share: a stack started by `catalyst-dev exec`, users, calls, the stand-ins, and waiting for a state.
//!
//! Tests in `tests/api` run in parallel on one stack: each makes its own user and its own account at the stand-ins, and
//! none moves the clock. Tests that move it live in `tests/flows`.
//!
//! What is put straight into the database instead of through the API has `seeded` in its name.

#![allow(
    dead_code,
    unused_imports,
    reason = "two test binaries share this, and neither uses all of it"
)]

mod answer;
mod api;
mod clock;
mod collector;
mod creator;
mod fault_proxy;
mod function;
mod on_drop;
mod processes;
mod publisher;
mod seeded;
mod stack;
mod stand_ins;
mod token_signer;
mod tool;
mod user;
mod wait;
mod webhook_receiver;

pub(crate) use answer::{Answer, SECRETS, assert_problem, assert_problem_at};
pub(crate) use api::Api;
pub(crate) use collector::Collector;
pub(crate) use creator::Creator;
pub(crate) use fault_proxy::{CANARY, Fault, FaultProxy};
pub(crate) use function::Function;
pub(crate) use on_drop::OnDrop;
pub(crate) use publisher::{Publisher, RenderedVideo};
pub(crate) use seeded::{OVER, Script, SeededChannel};
pub(crate) use stack::{Stack, plain_client};
pub(crate) use stand_ins::{Account, StandIn};
pub(crate) use token_signer::{TokenSigner, message, sign_with};
pub(crate) use tool::{tool, tool_reading};
pub(crate) use user::User;
pub(crate) use wait::{PATIENCE, until};
pub(crate) use webhook_receiver::{Endpoint, Reaction, Received, Receiver, attempted, outcomes};
