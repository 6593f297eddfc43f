//! What is done at Supabase, a step a file.
//!
//! The Management API makes the project and its settings. SQL goes over a connection of our own to the session pooler, as for every
//! other command: `catalyst migrate` then applies the files with its lock, its checksums and its messages, and values are bound, so
//! that they stand in no statement. Supabase's own CLI gets its login the same way.

pub(super) mod auth;
pub(super) mod data_api;
pub(super) mod database;
pub(super) mod extensions;
pub(super) mod keys;
pub(super) mod mail;
pub(super) mod migrations;
pub(super) mod organization;
pub(super) mod project;
pub(super) mod signing_keys;
pub(super) mod storage;
pub(super) mod vault;
