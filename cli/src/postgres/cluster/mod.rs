//! A private Postgres cluster on this machine.

mod folder;
mod programs;
mod server;

pub use self::folder::{remove, throwaway_folder};
pub use self::server::{Cluster, Durability};
pub use super::connection::{PASSWORD, USUAL_PORT, login};
