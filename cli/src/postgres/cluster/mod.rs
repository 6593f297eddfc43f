//! A private Postgres cluster on this machine.

mod folder;
mod initdb;
pub(crate) mod login;
mod programs;
mod server;
mod settings;

pub use self::{
    folder::{remove, throwaway_folder},
    login::{PASSWORD, USUAL_PORT, login},
    server::Cluster,
    settings::Durability,
};
