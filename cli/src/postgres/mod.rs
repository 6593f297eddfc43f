//! A Postgres server of its own on this machine, with what a hosted Supabase project starts with.

mod bootstrap;
pub(crate) mod catalog;
pub mod cluster;
pub(crate) mod connection;

pub use bootstrap::bootstrap;
pub use cluster::{Cluster, Durability, throwaway_folder};
