//! The local stack: Postgres, a Supabase gateway, the functions and the stand-ins of the outside services on one machine.
//!
//! [`Stack`] starts and stops all of it. The other modules are the commands of `catalyst-dev` that need nothing more, and
//! what the rigs use.

pub mod check;
pub mod clock;
pub mod demo;
pub mod down;
pub mod exec;
pub mod fakes_only;
pub mod functions;
pub mod gateway;
mod logs;
mod net;
mod options;
mod ports;
mod running;
pub mod secrets;
mod signals;
mod stack;
mod stand_ins;
pub mod up;
mod wake;

pub use logs::keep_logs;
pub use options::{Options, Supabase, passed_variables};
pub use ports::Ports;
pub use stack::Stack;
