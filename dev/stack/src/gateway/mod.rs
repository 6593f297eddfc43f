//! The local gateway, in the place of a Supabase project: Data API, Auth, mails, and the controls of tests.

mod api_key;
mod auth;
mod control;
mod data_api;
mod inbox;
mod server;
mod state;

pub use server::{serve, wait_until_up};
pub use state::Gateway;
