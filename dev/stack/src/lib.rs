//! The local stack: Postgres, a Supabase gateway, the functions and the stand-ins of the outside services on one machine.
//!
//! [`Stack`] starts and stops all of it. The other modules are the commands of `catalyst-dev` that need nothing more, and
//! what the rigs use.

mod addresses;
pub mod api_client;
pub mod check;
pub mod clock;
pub mod controls;
pub mod demo;
pub mod down;
pub mod exec;
mod external_supabase;
pub mod fakes_only;
pub mod functions;
pub mod gateway;
pub mod http_client;
mod instance_lock;
mod local_supabase;
mod logs;
mod options;
mod pg_net;
mod ports;
mod random;
pub mod secrets;
mod seed;
mod signals;
mod signing_key;
mod stack;
mod stand_ins;
pub mod up;
mod vault;
mod wake;

pub use addresses::Addresses;
pub use logs::keep_logs;
pub use options::Options;
pub use stack::Stack;
pub use wake::keep_awake;
